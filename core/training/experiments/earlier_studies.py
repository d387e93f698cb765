"""The studies of an earlier design, as data: small runs on whole films, of the code of their time.

64 pixels, 5 epochs, and the augmentation of then; most runs were best in their last epoch. Their
runs are in ``results/studies`` and nothing trains them again. A study of today takes the place of
each of them when its runs are finished.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.training.experiments.study import FIVE_SEEDS, THREE_SEEDS, Study, Variant

SMALL: Mapping[str, Any] = {
    "architecture": "resnet18",
    "size_px": 64,
    "epochs": 5,
    "batch_size": 64,
}
_DEFAULTS: Mapping[str, Any] = {
    "init": "none",
    "learning_rate": 1e-3,
    "weight_decay": 0.05,
    "dropout": 0.0,
    "label_smoothing": 0.0,
    "norm": "batch",
    "mixup_prob": 0.3,
    "mixup_alpha": 0.4,
    "augmentation": "strong",
    "ema_decay": 0.99,
    "train_share": 1.0,
    "synthetic": "none",
}
"""What the command train did then, of what the studies vary."""

_PARTS = (
    *("flip", "erasing", "geometric", "crop", "intensity"),
    *("histogram", "bias", "clahe", "export", "gibbs"),
)
_ALL = "all"

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
        SMALL,
    ),
    Study(
        "augmentation",
        "none",
        tuple(Variant(name, {"augmentation": name}) for name in ("none", *_PARTS, _ALL)),
        _UNMIXED,
    ),
    Study(
        "leave-one-out",
        _ALL,
        tuple(
            Variant(name, {"augmentation": name})
            for name in (_ALL, *(f"{_ALL}-{part}" for part in _PARTS))
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
        SMALL,
    ),
    Study(
        "data",
        "share-1",
        tuple(
            Variant(f"share-{share:g}", {"train_share": share})
            for share in (1.0, 0.5, 0.25, 0.1, 0.05)
        ),
        SMALL,
    ),
    Study(
        "synthetic",
        "share-0",
        (
            Variant("share-0"),
            *(Variant(f"share-{share}", {"synthetic": share}) for share in _SYNTHETIC_SHARES),
            Variant("balanced", {"synthetic": "balance"}),
        ),
        SMALL,
    ),
)

EARLIER_STUDIES: Mapping[str, Study] = {study.name: study for study in _STUDIES}


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """One variant of an earlier study with one seed.

    Args:
        study: The study's name.
        variant: The variant's name.
        settings: What its configuration must say, the seed too.
    """

    study: str
    variant: str
    settings: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The run's name: its folder below results/runs, or in the study's pack."""
        return f"{self.study}/{self.variant}@{self.settings['seed']}"


def earlier_runs(study: Study) -> Iterator[EarlierRun]:
    """The runs of an earlier study: every variant's first seed, then every second, and so on."""
    rounds = max(len(variant.seeds) for variant in study.variants)
    for place in range(rounds):
        for variant in study.variants:
            if place < len(variant.seeds):
                own = {**_DEFAULTS, **study.settings, **variant.settings}
                yield EarlierRun(study.name, variant.name, {**own, "seed": variant.seeds[place]})
