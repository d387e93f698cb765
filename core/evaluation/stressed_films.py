"""Films held out of training under stress, with their lungs found anew.

They are the same for every network, so they are made once and kept in ``results/.stressed``, under
the hashes of the segmenter and of the films.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.conditions import CONDITIONS, PLAIN, seen_under
from core.data.dataset import as_films, load_pixels
from core.data.films import Films
from core.data.folder import Record, manifest_sha256
from core.data.labels import target_of
from core.data.outlines import original_proportions
from core.inference.films import films_with_lungs, hashed_name, kept, reading_segmenter, with_lungs
from core.models.lungs_card import LUNGS_FOLDER

STRESSED_FOLDER = ".stressed"


class StressedFilms:
    """Films under every condition, made as they are asked for.

    Args:
        data: The data folder.
        records: The films; of both classes where ``exchanged`` is asked for.
        results: Folder of results.
        segmenter_folder: Where the lungs segmenter ships.
        whole: Whether films are kept whole, as ``find_lungs`` has it.

    Raises:
        WeightsError: The lungs segmenter is missing or damaged.
    """

    def __init__(
        self,
        data: Path,
        records: Sequence[Record],
        results: Path,
        segmenter_folder: Path = LUNGS_FOLDER,
        whole: bool = False,
    ) -> None:
        self.data, self.records, self.results = data, tuple(records), results
        self._segmenter_folder, self._whole = segmenter_folder, whole
        sha256, self._segmenter = reading_segmenter(segmenter_folder)
        name = hashed_name(sha256, manifest_sha256(records), whole=whole)
        self._folder = results / STRESSED_FOLDER / name
        self._pixels: NDArray[np.uint8] | None = None

    def under(self, condition: str) -> Films:
        """The films under a condition, one of ``core.data.conditions.CONDITIONS``."""
        if condition not in CONDITIONS:
            raise ValueError(f"condition must be one of {CONDITIONS}, not {condition!r}")
        if condition == PLAIN:
            return films_with_lungs(
                self.data, self.records, self.results, self._segmenter_folder, self._whole
            )
        return kept(self._folder / condition, self.records, lambda: self._made(condition))

    def _made(self, condition: str) -> Films:
        if self._pixels is None:
            self._pixels = load_pixels(self.data, self.records)
        pictures = self._pictures(condition, as_films(self._pixels))
        films = with_lungs(self._segmenter, pictures, self.records, self._whole)
        before = original_proportions(self.data, self.records)
        return replace(films, proportions=films.proportions * before)

    def _pictures(self, condition: str, films: Tensor) -> Iterator[Tensor]:
        truths = [int(target_of(record.label)) for record in self.records]
        lungs = torch.from_numpy(np.array(self.under(PLAIN).lungs))[:, None].float() / 255
        return seen_under(condition, films, truths, lungs)
