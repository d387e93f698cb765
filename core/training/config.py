"""Every setting of a run, with its meaning; the command line is made from it."""

from dataclasses import dataclass, field, fields
from typing import Any

from core.data.augment import POLICY_NAMES
from core.models.registry import REGISTRY
from core.preprocess import FILM_SIZE_PX

BALANCES = ("loss", "sampler", "none")


def _setting(default: Any, meaning: str, choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"meaning": meaning, "choices": choices})


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """What decides a run's result. Where it runs (devices, workers) is not part of it."""

    architecture: str = _setting("densenet121", "architecture", tuple(REGISTRY))
    init: str = _setting("none", "start weights: none, imagenet, or a safetensors file of a run")
    size_px: int = _setting(FILM_SIZE_PX, "input side in pixels")
    epochs: int = _setting(12, "epochs at most")
    patience: int = _setting(5, "epochs without a better validation loss before stopping")
    batch_size: int = _setting(32, "films a step, over all processes")
    learning_rate: float = _setting(1e-3, "peak learning rate of AdamW")
    warmup_share: float = _setting(0.1, "share of all steps in which the learning rate rises")
    weight_decay: float = _setting(0.05, "weight decay of AdamW")
    dropout: float = _setting(0.0, "share of the last features that training drops")
    label_smoothing: float = _setting(0.0, "distance of training targets from 0 and 1, times two")
    mixup_prob: float = _setting(0.3, "share of batches that are mixed")
    mixup_alpha: float = _setting(0.4, "both parameters of the beta distribution of the mix")
    balance: str = _setting("loss", "class balance: weigh the loss, resample, or none", BALANCES)
    augmentation: str = _setting("strong", "augmentation policy", POLICY_NAMES)
    ema_decay: float = _setting(0.99, "decay a step of the averaged weights; 0 for no averaging")
    folds: int = _setting(8, "folds that patients are dealt into")
    fold: int = _setting(0, "the fold held out for validation")
    split_seed: int = _setting(0, "seed of that deal")
    seed: int = _setting(0, "seed of weights, order, augmentation and mixup")

    def __post_init__(self) -> None:
        for name, low, high in (
            ("mixup_prob", 0, 1),
            ("dropout", 0, 1),
            ("label_smoothing", 0, 1),
            ("ema_decay", 0, 1),
            ("fold", 0, self.folds - 1),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} must lie between {low} and {high}, not {value}")
        for setting in fields(self):
            choices = setting.metadata["choices"]
            value = getattr(self, setting.name)
            if choices and value not in choices:
                raise ValueError(f"{setting.name} must be one of {choices}, not {value!r}")
        if self.mixup_alpha <= 0 or self.epochs < 1 or self.batch_size < 1:
            raise ValueError("mixup_alpha, epochs and batch_size must be positive")
