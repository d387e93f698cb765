"""Films held out of training under stress, with their lungs found anew.

They are the same for every network, so they are made once and kept in ``results/.stressed``, under
the hash of the segmenter and of the films.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.batches import in_batches
from core.data.conditions import CONDITIONS, PLAIN, seen_under
from core.data.dataset import as_films, load_pixels
from core.data.films import Films
from core.data.folder import Record, manifest_sha256
from core.data.labels import target_of
from core.data.outlines import original_proportions
from core.models.hardware import reading_device
from core.models.lungs import FoundLungs, LungsNetwork, find_lungs
from core.models.lungs_card import LUNGS_FOLDER, load_shipped_lungs

STRESSED_FOLDER = ".stressed"
_FILMS_AT_ONCE = 32
_HASH_DIGITS = 12


def with_lungs(
    segmenter: LungsNetwork,
    images: Iterable[Tensor],
    records: Sequence[Record],
    proportions: NDArray[np.float32],
) -> Films:
    """Films with their lungs found, from pictures that may be larger than films are.

    Args:
        segmenter: In evaluation mode, on the device that reads.
        images: (1, H, W), float32, in [0, 1], of each of the N films, all of one size.
        records: The N films.
        proportions: (N,), width over height of what a picture of 224 x 224 pixels shows.

    Returns:
        The region of each picture that its lungs were found in, squashed.
    """
    device = next(segmenter.parameters()).device
    films, lungs, shapes = [], [], []
    for batch in in_batches(images, _FILMS_AT_ONCE):
        pictures = torch.stack(batch).to(device)
        found = find_lungs(segmenter, pictures)
        films.append(_bytes(found.films))
        lungs.append(_bytes(found.lungs))
        shapes.append(_shapes(found, pictures))
    return Films(
        tuple(records),
        np.concatenate(films),
        np.concatenate(lungs),
        (proportions * np.concatenate(shapes)).astype(np.float32),
    )


def _bytes(shares: Tensor) -> NDArray[np.uint8]:
    """(B, 1, H, W), in [0, 1], as (B, H, W), 0 to 255."""
    bytes_: NDArray[np.uint8] = (shares[:, 0] * 255).round().to(torch.uint8).cpu().numpy()
    return bytes_


def _shapes(found: FoundLungs, pictures: Tensor) -> NDArray[np.float32]:
    """(B,): width over height, in pixels, of the regions that were looked at."""
    height, width = pictures.shape[-2:]
    sides = found.regions[:, 2:].cpu().numpy() * (width, height)
    shapes: NDArray[np.float32] = (sides[:, 0] / sides[:, 1]).astype(np.float32)
    return shapes


class StressedFilms:
    """Held-out films under every condition, made as they are asked for.

    Args:
        data: The data folder.
        records: The films, of both classes where all conditions are asked for.
        results: Folder of results.
        segmenter_folder: Where the lungs segmenter ships.

    Raises:
        WeightsError: The lungs segmenter is missing or damaged.
    """

    def __init__(
        self,
        data: Path,
        records: Sequence[Record],
        results: Path,
        segmenter_folder: Path = LUNGS_FOLDER,
    ) -> None:
        card, segmenter = load_shipped_lungs(segmenter_folder)
        self.data, self.records = data, tuple(records)
        self.segmenter = segmenter.to(reading_device())
        own = (card.sha256, manifest_sha256(records))
        name = "-".join(digits[:_HASH_DIGITS] for digits in own)
        self.folder = results / STRESSED_FOLDER / name
        self._pixels: NDArray[np.uint8] | None = None

    def under(self, condition: str) -> Films:
        """The films under a condition, one of ``core.data.conditions.CONDITIONS``."""
        file = self.folder / f"{condition}.npz"
        if not file.is_file():
            _keep(file, self._made(condition))
        with np.load(file, allow_pickle=False) as kept:
            return Films(self.records, kept["pixels"], kept["lungs"], kept["proportions"])

    def _made(self, condition: str) -> Films:
        if condition not in CONDITIONS:
            raise ValueError(f"condition must be one of {CONDITIONS}, not {condition!r}")
        if self._pixels is None:
            self._pixels = load_pixels(self.data, self.records)
        return with_lungs(
            self.segmenter,
            self._pictures(condition, as_films(self._pixels)),
            self.records,
            original_proportions(self.data, self.records),
        )

    def _pictures(self, condition: str, films: Tensor) -> Iterator[Tensor]:
        if condition == PLAIN:
            return iter(films)
        truths = [int(target_of(record.label)) for record in self.records]
        lungs = torch.from_numpy(self.under(PLAIN).lungs)[:, None].float() / 255
        return seen_under(condition, films, truths, lungs)


def _keep(file: Path, films: Films) -> None:
    """Write films so that another process finds all of them or none."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{uuid4().hex}.npz")
    np.savez(draft, pixels=films.pixels, lungs=films.lungs, proportions=films.proportions)
    draft.replace(file)
