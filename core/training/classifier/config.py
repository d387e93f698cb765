"""Every setting of a run, with its meaning; the command line is made from it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from core.data.augmentation import LEAST_CROP, MOST_CROP, PARTS, is_policy
from core.data.folder import DEFAULT_SPLIT
from core.evaluation.finished_runs import SPLIT_SETTINGS
from core.imaging.framings import FRAMINGS, LUNGS
from core.imaging.preprocess import FILM_SIZE_PX
from core.models.network import POOLINGS
from core.models.norms import NORMS
from core.models.registry import REGISTRY

BALANCE = "balance"
"""As many synthetic films of the rarer class as make both equal."""

SETTLING = "settling"

BALANCES = ("loss", "sampler", "none")
SMALLEST_INPUT_PX = 32
_SHARE, _COUNT, _AMOUNT, _SEED = (0, 1), (1, math.inf), (0, math.inf), (0, 2**32 - 1)


def _setting(
    default: Any,
    meaning: str,
    limits: tuple[float, float] | None = None,
    choices: tuple[str, ...] | tuple[int, ...] = (),
) -> Any:
    return field(
        default=default, metadata={"meaning": meaning, "limits": limits, "choices": choices}
    )


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """What decides a run's result. Where it runs (devices, workers) is not part of it."""

    architecture: str = _setting("densenet121", "architecture", choices=tuple(REGISTRY))
    init: str = _setting("none", "start weights: none, imagenet, or a safetensors file of a run")
    size_px: int = _setting(FILM_SIZE_PX, "input side in pixels", (SMALLEST_INPUT_PX, math.inf))
    framing: str = _setting(LUNGS, "what of a film is read", choices=FRAMINGS)
    pooling: str = _setting(
        LUNGS,
        "how the last map becomes a logit: its mean over all places, or over the lungs alone",
        choices=POOLINGS,
    )
    map_stride_px: int = _setting(
        16, "pixels of the input to a place of the last map; 16 is the finer one", choices=(16, 32)
    )
    reading_size_px: int = _setting(
        0, "input side when it reads films, in pixels; 0 for the training side", (0, math.inf)
    )
    trained_layers: int = _setting(
        0, "how many of the last layers of the features are trained; 0 for all", (0, math.inf)
    )
    epochs: int = _setting(12, "epochs at most", _COUNT)
    patience: int = _setting(
        5,
        "epochs without a better validation loss before stopping; a settling rate falls first",
        _COUNT,
    )
    batch_size: int = _setting(32, "films a step, over all processes", _COUNT)
    learning_rate: float = _setting(1e-3, "peak learning rate of AdamW", _AMOUNT)
    schedule: str = _setting(
        "cosine",
        "the learning rate after its rise: a cosine to zero in all epochs, or to a twentieth in "
        "decay_epochs, where it stays until the loss no longer falls",
        choices=("cosine", SETTLING),
    )
    decay_epochs: int = _setting(5, "epochs in which a settling learning rate falls", _COUNT)
    warmup_share: float = _setting(
        0.1, "share of all steps in which the learning rate rises", (0, 0.9)
    )
    weight_decay: float = _setting(0.05, "weight decay of AdamW", _AMOUNT)
    dropout: float = _setting(0.0, "share of the last features that training drops", _SHARE)
    label_smoothing: float = _setting(
        0.0, "distance of training targets from 0 and 1, times two", _SHARE
    )
    mixup_prob: float = _setting(0.3, "share of batches that are mixed", _SHARE)
    mixup_alpha: float = _setting(
        0.4, "both parameters of the beta distribution of the mix", (1e-3, math.inf)
    )
    norm: str = _setting(
        "batch",
        "normalisation: batch, group in place of batch, or none in its place",
        choices=NORMS,
    )
    balance: str = _setting(
        "loss", "class balance: weigh the loss, resample, or none", choices=BALANCES
    )
    augmentation: str = _setting(
        "all", f"all, none, all-PART, or parts joined by +, of {', '.join(PARTS)}"
    )
    least_crop: float = _setting(
        LEAST_CROP, "the smallest crop in training, as a share of the area that is read", (0.05, 2)
    )
    most_crop: float = _setting(MOST_CROP, "the largest", (0.05, 2))
    without_series: str = _setting(
        "none", "a series of normal films to train without", choices=("none", "IM", "NORMAL2-IM")
    )
    teacher: str = _setting(
        "none",
        "finished runs to distil from, RUN or RUN+RUN: their mean logit takes the labels' place",
    )
    validate_every: int = _setting(1, "epochs between validations", _COUNT)
    ema_decay: float = _setting(
        0.99, "decay a step of the averaged weights; 0 for no averaging", _SHARE
    )
    folds: int = _setting(DEFAULT_SPLIT[0], "folds that patients are split into", (2, math.inf))
    fold: int = _setting(DEFAULT_SPLIT[1], "the fold held out for validation", _AMOUNT)
    split_seed: int = _setting(DEFAULT_SPLIT[2], "seed of the split into folds", _SEED)
    train_share: float = _setting(
        1.0, "share of the training patients; an epoch has as many steps as with all", (1e-3, 1)
    )
    synthetic: str = _setting(
        "none",
        "synthetic films to add: none, their number as a share of each class's films, or balance "
        "for as many of the rarer class as make both equal; an epoch has as many steps as without",
    )
    seed: int = _setting(0, "seed of weights, order, augmentation and mixup", _SEED)

    def holds_out_as(self, other: Mapping[str, Any]) -> bool:
        """Whether it holds out the patients that other settings, by their names, hold out."""
        return all(other[name] == getattr(self, name) for name in SPLIT_SETTINGS)

    @property
    def film_size_px(self) -> int:
        """The side at which it reads films, in pixels.

        Random crops enlarge what they show, so a network trained on smaller crops reads films
        better at a larger side (Touvron et al., NeurIPS 2019, https://arxiv.org/abs/1906.06423),
        and trains faster.
        """
        return self.reading_size_px or self.size_px

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = getattr(self, setting.name)
            choices, limits = setting.metadata["choices"], setting.metadata["limits"]
            if choices and value not in choices:
                raise ValueError(f"{setting.name} must be one of {choices}, not {value!r}")
            if limits and not limits[0] <= value <= limits[1]:
                raise ValueError(
                    f"{setting.name} must lie between {limits[0]} and {limits[1]}, not {value}"
                )
        if self.fold >= self.folds:
            raise ValueError(f"fold must be under folds ({self.folds}), not {self.fold}")
        if not is_policy(self.augmentation):
            raise ValueError(f"there is no augmentation policy {self.augmentation!r}")
        if self.least_crop > self.most_crop:
            raise ValueError("least_crop must not be over most_crop")
        if not is_amount(self.synthetic):
            raise ValueError(
                f"synthetic must be none, {BALANCE} or a positive number, not {self.synthetic!r}"
            )
        if self.norm != "batch" and self.init == "imagenet":
            raise ValueError("ImageNet weights are those of networks with batch norm")
        if 0 < self.reading_size_px < SMALLEST_INPUT_PX:
            raise ValueError(f"reading_size_px must be 0 or at least {SMALLEST_INPUT_PX}")
        if REGISTRY[self.architecture].fixed_size and self.film_size_px != self.size_px:
            raise ValueError(f"{self.architecture} reads films at the side it was trained at")
        if self.init == "imagenet" and not REGISTRY[self.architecture].has_imagenet:
            raise ValueError(f"there are no ImageNet weights of {self.architecture}")


def is_amount(synthetic: str) -> bool:
    """Whether the setting says how many synthetic films are added.

    Examples:
        >>> is_amount("none"), is_amount("0.25"), is_amount("balance"), is_amount("many")
        (True, True, True, False)
    """
    if synthetic in ("none", BALANCE):
        return True
    try:
        return 0 < float(synthetic) < math.inf
    except ValueError:
        return False
