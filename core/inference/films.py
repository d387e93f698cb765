"""Films of a data folder with their lungs, as training and measurements take them.

They are read as an upload is read: squashed, the lungs found by the segmenter that ships, and where
these are small in the film found again from closer. That takes minutes for thousands of films, so
it is done once and kept below the folder of results, where Git ignores it.
"""

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from uuid import uuid4

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from core.data.batches import in_batches
from core.data.films import Films, joined
from core.data.folder import Record, manifest_sha256, read_films, scan_split, training_pool
from core.data.outlines import original_proportions
from core.imaging.film import FILM_SIZE_PX
from core.imaging.preprocess import squash
from core.models.hardware import reading_device
from core.models.lungs import FoundLungs, LungsNetwork, find_lungs
from core.models.lungs_card import LUNGS_FOLDER, load_shipped_lungs

CACHE_FOLDER = ".lungs"
_FILMS_AT_ONCE = 32
_HASH_DIGITS = 12
_PARTS = ("pixels", "lungs", "proportions")


def load_films(
    data: Path,
    results: Path,
    splits: Sequence[str],
    segmenter_folder: Path = LUNGS_FOLDER,
    whole: bool = False,
) -> Films:
    """The films of some splits of a data folder.

    Args:
        data: The data folder.
        results: Folder of results, below which what was made once is kept.
        splits: Of ``train``, the training pool, and ``test``, in the order wanted.
        segmenter_folder: Where the lungs segmenter ships.
        whole: Whether films are kept whole, as ``find_lungs`` has it.

    Raises:
        DataError: The folder cannot be used, or a film in it cannot be read.
        WeightsError: The lungs segmenter is missing or damaged.
    """
    each = [
        training_pool(data) if split == "train" else scan_split(data, split, split)
        for split in splits
    ]
    return joined(
        *(films_with_lungs(data, records, results, segmenter_folder, whole) for records in each)
    )


def films_with_lungs(
    root: Path,
    records: Sequence[Record],
    results: Path,
    segmenter_folder: Path = LUNGS_FOLDER,
    whole: bool = False,
) -> Films:
    """Films that records name, with their lungs; kept below the folder of results.

    Args:
        root: The folder that the records' paths start from.
        records: At least one.
        results: Folder of results.
        segmenter_folder: Where the lungs segmenter ships.
        whole: Whether films are kept whole, as ``find_lungs`` has it.

    Raises:
        FilmUnreadable: A film cannot be read.
        WeightsError: The lungs segmenter is missing or damaged.
    """
    sha256, segmenter = reading_segmenter(segmenter_folder)
    folder = results / CACHE_FOLDER / hashed_name(sha256, manifest_sha256(records), whole=whole)
    return kept(folder, records, lambda: _found(root, records, segmenter, whole))


def reading_segmenter(folder: Path = LUNGS_FOLDER) -> tuple[str, LungsNetwork]:
    """The hash of the segmenter that ships, and the segmenter on the device that reads.

    Raises:
        WeightsError: It is missing or damaged.
    """
    card, segmenter = load_shipped_lungs(folder)
    return card.sha256, segmenter.to(reading_device()).to(memory_format=torch.channels_last)


def hashed_name(*hashes: str, whole: bool = False) -> str:
    """A folder's name for what was made of things with these hashes; of whole films or not."""
    return "-".join((*(each[:_HASH_DIGITS] for each in hashes), *(["whole"] * whole)))


def kept(folder: Path, records: Sequence[Record], make: Callable[[], Films]) -> Films:
    """Films that a folder keeps; made, and kept there, if it does not yet.

    Args:
        folder: Where.
        records: The films.
        make: Makes them.
    """
    if not folder.is_dir():
        _keep(make(), folder)
    pixels, lungs, proportions = (
        np.load(folder / f"{part}.npy", mmap_mode="c", allow_pickle=False) for part in _PARTS
    )
    return Films(tuple(records), pixels, lungs, proportions)


def _found(root: Path, records: Sequence[Record], network: LungsNetwork, whole: bool) -> Films:
    bar = tqdm(
        zip(read_films(root, records), original_proportions(root, records), strict=True),
        "Reading films and finding lungs",
        total=len(records),
        unit="film",
        disable=not sys.stderr.isatty(),
    )
    proportions: list[float] = []

    def pictures() -> Iterator[Tensor]:
        for film, known in bar:
            picture, proportion = _unsquashed(film.pixels, float(known))
            proportions.append(proportion)
            yield picture

    found = with_lungs(network, pictures(), records, whole)
    return replace(found, proportions=found.proportions * np.array(proportions, np.float32))


def _unsquashed(pixels: NDArray[np.float32], known: float) -> tuple[Tensor, float]:
    """A film as its lungs are looked for, and width over height of what a square of it shows.

    Args:
        pixels: (H, W), in [0, 1]. Large films are looked at as they are, since they are cut where
            the lungs are small; a small square one has been squashed.
        known: Width over height before that.
    """
    height, width = pixels.shape
    if max(height, width) > FILM_SIZE_PX:
        return torch.from_numpy(np.array(pixels))[None], 1.0
    return squash(pixels), known if height == width else width / height


def with_lungs(
    segmenter: LungsNetwork,
    images: Iterable[Tensor],
    records: Sequence[Record],
    whole: bool = False,
) -> Films:
    """Films with their lungs found, from pictures that may be larger than films are.

    Args:
        segmenter: In evaluation mode, on the device that reads.
        images: (1, H, W), float32, in [0, 1], of each of the N films.
        records: The N films.
        whole: Whether films are kept whole, as ``find_lungs`` has it.

    Returns:
        The region of each picture that its lungs were found in, squashed; proportions are those of
        the regions in pixels.
    """
    device = next(segmenter.parameters()).device
    films, lungs, shapes = [], [], []
    for pictures in _alike(images):
        found = find_lungs(segmenter, pictures.to(device), whole)
        films.append(_bytes(found.films))
        lungs.append(_bytes(found.lungs))
        shapes.append(_shapes(found, pictures))
    return Films(
        tuple(records),
        np.concatenate(films),
        np.concatenate(lungs),
        np.concatenate(shapes),
    )


def _alike(images: Iterable[Tensor]) -> Iterator[Tensor]:
    """Batches (B, 1, H, W) of pictures of one size, in order."""
    for _, pictures in groupby(images, key=lambda image: image.shape):
        for batch in in_batches(pictures, _FILMS_AT_ONCE):
            yield torch.stack(batch)


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


def _keep(films: Films, folder: Path) -> None:
    """Write films so that another process finds all of them or none."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f".{uuid4().hex}")
    draft.mkdir()
    for part in _PARTS:
        np.save(draft / f"{part}.npy", getattr(films, part))
    try:
        draft.rename(folder)
    except OSError:  # another process was quicker
        shutil.rmtree(draft)
