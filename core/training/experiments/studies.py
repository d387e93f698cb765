"""The studies, as data; the one of augmentation has two halves.

All share one small recipe, so that a machine without a GPU can run every one of them: 64 pixels and
5 epochs, a ResNet18 run of about three minutes of one core, and otherwise what
``python -m core train`` does by default. Where studies share a variant, its runs are trained once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.data.policies import ALL_PARTS, PARTS
from core.training.classifier.config import BALANCE

SMALL: Mapping[str, Any] = {
    "architecture": "resnet18",
    "size_px": 64,
    "epochs": 5,
    "batch_size": 64,
}
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
    """

    name: str
    baseline: str
    variants: tuple[Variant, ...]
    settings: Mapping[str, Any] = field(default_factory=lambda: SMALL)

    def __post_init__(self) -> None:
        names = [variant.name for variant in self.variants]
        if len(set(names)) < len(names) or self.baseline not in names:
            raise ValueError(f"{self.name} needs variants of different names, {self.baseline} too")


_SCRATCH = (
    "densenet121",
    "resnet18",
    "mobilenet_v3_large",
    "efficientnet_b0",
    "efficientnet_lite0",
    "efficientnet_lite1",
    "resnet50",
    "vit_small",
)
"""The others of the registry take several times as long as a ResNet18, or are a larger Lite."""

_MIXUPS = ((0.0, 0.4), (0.1, 0.4), (0.3, 0.4), (0.5, 0.4), (1.0, 0.4), (0.3, 0.2), (0.3, 1.0))
_DECISIVE = ((0.0, 0.4), (0.3, 0.4), (0.5, 0.4))
_SYNTHETIC_SHARES = ("0.25", "0.5", "1", "2")
_UNMIXED = {**SMALL, "mixup_prob": 0.0}
_UNAVERAGED = {**SMALL, "ema_decay": 0.0}
"""Averaged over so few steps, the weights of EfficientNet-B0 no longer fit the statistics of their
batch norms, and every film has the same logit."""

_STUDIES = (
    Study(
        "architecture",
        "densenet121",
        (
            *(Variant(name, {"architecture": name}) for name in _SCRATCH),
            Variant(
                "efficientnet_lite0-imagenet",
                {"architecture": "efficientnet_lite0", "init": "imagenet"},
            ),
        ),
        _UNAVERAGED,
    ),
    Study(
        "mixup",
        "p0.3-a0.4",
        tuple(
            Variant(
                f"p{share:g}-a{alpha:g}",
                {"mixup_prob": share, "mixup_alpha": alpha},
                FIVE_SEEDS if (share, alpha) in _DECISIVE else THREE_SEEDS,
            )
            for share, alpha in _MIXUPS
        ),
    ),
    Study(
        "augmentation",
        "none",
        tuple(Variant(name, {"augmentation": name}) for name in ("none", *PARTS, ALL_PARTS)),
        _UNMIXED,
    ),
    Study(
        "leave-one-out",
        ALL_PARTS,
        tuple(
            Variant(name, {"augmentation": name})
            for name in (ALL_PARTS, *(f"{ALL_PARTS}-{part}" for part in PARTS))
        ),
        _UNMIXED,
    ),
    Study(
        "regularisation",
        "baseline",
        (
            Variant("baseline"),
            Variant("dropout-0.5", {"dropout": 0.5}),
            Variant("group-norm", {"norm": "group"}),
            Variant("no-norm", {"norm": "none"}),
            Variant("no-decay", {"weight_decay": 0.0}),
            Variant("smoothing-0.1", {"label_smoothing": 0.1}),
            Variant("rate-3e-3", {"learning_rate": 3e-3}),
            Variant("batch-16", {"batch_size": 16}),
        ),
    ),
    Study(
        "data",
        "share-1",
        tuple(
            Variant(f"share-{share:g}", {"train_share": share})
            for share in (1.0, 0.5, 0.25, 0.1, 0.05)
        ),
    ),
    Study(
        "synthetic",
        "share-0",
        (
            Variant("share-0"),
            *(Variant(f"share-{share}", {"synthetic": share}) for share in _SYNTHETIC_SHARES),
            Variant("balanced", {"synthetic": BALANCE}),
        ),
    ),
)

STUDIES: Mapping[str, Study] = {study.name: study for study in _STUDIES}
