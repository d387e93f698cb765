"""What a study is: one question, and the variants of a recipe that answer it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

THREE_SEEDS, FIVE_SEEDS = (0, 1, 2), (0, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Variant:
    """One setting of what a study varies.

    Args:
        name: Its name in folders, tables and addresses.
        settings: Settings of ``core.training.classifier.config`` that differ from the study's.
        seeds: The seeds that it is trained with.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    seeds: tuple[int, ...] = THREE_SEEDS


@dataclass(frozen=True, slots=True)
class Study:
    """One question, answered by training the same recipe with one thing changed.

    Args:
        name: Its name on the command line and in folders.
        baseline: Name of the variant that the others are compared with, seed by seed.
        variants: The baseline among them, in the order in which they are trained.
        settings: Settings of all variants that differ from the defaults.
        fold_by_seed: Whether seed k holds out fold k, so that what differs between seeds includes
            which patients are held out.
    """

    name: str
    baseline: str
    variants: tuple[Variant, ...]
    settings: Mapping[str, Any]
    fold_by_seed: bool = False

    def __post_init__(self) -> None:
        names = [variant.name for variant in self.variants]
        if len(set(names)) < len(names) or self.baseline not in names:
            raise ValueError(f"{self.name} needs variants of different names, {self.baseline} too")
