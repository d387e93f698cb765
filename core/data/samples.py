"""Films for someone without a film at hand; their true label is known, and told when asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from core.data.folder import data_folder, list_films
from core.data.labels import CLASSES, Label

HELD_OUT = ("test", "pred")
"""Folders whose films no model was trained on."""

GALLERY_NAME = "gallery"
GALLERY_FOLDER = Path(__file__).resolve().parents[2] / "results" / "synthetic" / GALLERY_NAME
"""Synthetic films that ship: a folder a class."""

SHOWN = (
    "NORMAL/normal-2.png",
    "PNEUMONIA/pneumonia-4.png",
    "PNEUMONIA/pneumonia-6.png",
    "NORMAL/normal-6.png",
    "PNEUMONIA/pneumonia-3.png",
    "NORMAL/normal-3.png",
)
"""Synthetic films to choose from, chosen by eye for lungs that can be read.

The gallery holds films that the default model calls rightly, so none of them goes to review.
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """A film to try.

    Args:
        source: Where it is from, the last part of catalogue keys ``samples.source.*``.
        read: Gives its bytes.
        label: Its true class, of a synthetic film the one that it was drawn as; None where the
            folder tells none.
    """

    source: str
    read: Callable[[], bytes] = field(repr=False)
    label: Label | None = field(repr=False)


Draw = Callable[[Random], Sample | None]


def sources() -> dict[str, Draw]:
    """From where films can be drawn at random on this machine, each by name."""
    found: dict[str, Draw] = {}
    root = data_folder()
    if root is not None and any((root / name).is_dir() for name in HELD_OUT):
        found["data_folder"] = lambda random: _of_folder(root, random)
    return found


def shown_samples() -> list[Sample]:
    """The synthetic films to choose from, in the order in which they are shown."""
    files = [GALLERY_FOLDER / name for name in SHOWN]
    return [
        Sample("synthetic", file.read_bytes, Label(file.parent.name))
        for file in files
        if file.is_file()
    ]


def _of_folder(root: Path, random: Random) -> Sample | None:
    """A held-out film of the data folder, each class as likely as the other."""
    groups: list[tuple[Label | None, Path]] = [
        (label, root / name / label) for name in HELD_OUT for label in CLASSES
    ]
    if not any(folder.is_dir() for _, folder in groups):
        groups = [(None, root / name) for name in HELD_OUT]
    films = {
        label: [
            film
            for own, folder in groups
            if own == label and folder.is_dir()
            for film in list_films(folder)
        ]
        for label in {label for label, _ in groups}
    }
    return _drawn("data_folder", films, random)


def _drawn(
    source: str, films: Mapping[Label | None, Sequence[Path]], random: Random
) -> Sample | None:
    """One of the films, each label as likely as the other; None where there is no film."""
    labels = sorted((label for label in films if films[label]), key=str)
    if not labels:
        return None
    label = random.choice(labels)
    return Sample(source, random.choice(sorted(films[label])).read_bytes, label)
