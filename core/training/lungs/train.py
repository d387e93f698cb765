"""Training of the lungs segmenter on human outlines."""

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from pytorch_lightning.callbacks import ModelCheckpoint
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, TensorDataset

from core.data.augmentation import Augmentation
from core.data.dataset import seed_of
from core.data.draw import Draw
from core.imaging.framing import LUNGS_FROM, stretch, whole
from core.models.hardware import keep_freed_memory, precision
from core.models.lungs import LUNGS_INPUT_PX, LungsNetwork
from core.results.folder import write_json
from core.results.progress import RUNNING_FOLDER
from core.training.callbacks import averaging
from core.training.working import claim, without_noise

_AUGMENTATION = Augmentation("all-erasing", LUNGS_INPUT_PX, least_crop=0.4, most_crop=1.8)
_READING_BATCH = 64


@dataclass(frozen=True, slots=True)
class LungsConfig:
    """What decides the result.

    Args:
        epochs: How many.
        batch_size: Films a step.
        learning_rate: Peak of AdamW.
        weight_decay: Of AdamW.
        ema_decay: Decay a step of the averaged weights.
        imagenet: Whether the encoder starts from ImageNet weights.
        seed: Of everything random.
    """

    epochs: int = 12
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.02
    ema_decay: float = 0.99
    imagenet: bool = True
    seed: int = 0


class Outlined(NamedTuple):
    """Films with human outlines.

    Args:
        films: (N, 224, 224), uint8, 0 black to 255 white.
        outlines: (N, 224, 224), uint8, 1 is lung.
    """

    films: NDArray[np.uint8]
    outlines: NDArray[np.uint8]


def dice(found: Tensor, outlines: Tensor) -> Tensor:
    """The Dice coefficient of each film.

    Args:
        found: (B, H, W), bool: what was found.
        outlines: (B, H, W), bool: what a human outlined.

    Returns:
        (B,), in [0, 1]; 1 where both are empty.
    """
    both = (found & outlines).sum((1, 2)).float()
    sizes = found.sum((1, 2)).float() + outlines.sum((1, 2)).float()
    return torch.where(sizes > 0, 2 * both / sizes.clamp_min(1), torch.ones_like(sizes))


class LungsModule(pl.LightningModule):
    """The segmenter with what trains it: cross-entropy plus one less a soft Dice coefficient.

    Args:
        network: The segmenter.
        config: The settings.
    """

    def __init__(self, network: LungsNetwork, config: LungsConfig) -> None:
        super().__init__()
        self.network = network
        self.config = config

    def on_fit_start(self) -> None:
        """Lay the weights out for convolutions."""
        self.network.to(memory_format=torch.channels_last)

    def training_step(self, batch: list[Tensor], batch_idx: int) -> Tensor:
        """The loss of a batch of films and outlines, augmented on the device."""
        films, outlines = (part[:, None].float() for part in batch)
        draw = Draw(seed_of(self.config.seed, self.current_epoch, batch_idx), films.device)
        boxes = whole(len(films), films.device)
        images, truth = _AUGMENTATION(films / 255, outlines, boxes, draw)
        logits = self.network(images.contiguous(memory_format=torch.channels_last)).float()
        loss = binary_cross_entropy_with_logits(logits, truth) + _dice_loss(logits, truth)
        self.log("train_loss", loss, on_step=False, on_epoch=True, sync_dist=True)
        return loss

    def validation_step(self, batch: list[Tensor], batch_idx: int) -> None:
        """Log the mean Dice coefficient."""
        films, outlines = (part[:, None].float() for part in batch)
        logits = self.network(stretch(films / 255).contiguous(memory_format=torch.channels_last))
        each = dice(logits[:, 0].sigmoid() > LUNGS_FROM, outlines[:, 0] > 0)
        self.log("val_dice", each.mean(), batch_size=len(films), sync_dist=True)

    def on_before_optimizer_step(self, optimizer: Any) -> None:
        """Clip to norm 1."""
        nn.utils.clip_grad_norm_(self.parameters(), 1.0)

    def configure_optimizers(self) -> Any:
        """AdamW, without decay on biases and norms, under one warm-up and one cosine descent."""
        parts = list(self.network.parameters())
        groups: list[dict[str, Any]] = [
            {"params": [p for p in parts if p.ndim > 1]},
            {"params": [p for p in parts if p.ndim <= 1], "weight_decay": 0.0},
        ]
        optimizer = AdamW(
            groups,
            lr=self.config.learning_rate,
            weight_decay=self.config.weight_decay,
            fused=True,
        )
        schedule = OneCycleLR(
            optimizer,
            max_lr=self.config.learning_rate,
            total_steps=int(self.trainer.estimated_stepping_batches),
            pct_start=0.1,
            cycle_momentum=False,
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


def _dice_loss(logits: Tensor, truth: Tensor) -> Tensor:
    shares = logits.sigmoid()
    both = (shares * truth).sum((1, 2, 3))
    sizes = shares.sum((1, 2, 3)) + truth.sum((1, 2, 3))
    return (1 - (2 * both + 1) / (sizes + 1)).mean()


def train_lungs(
    training: Outlined, held_out: Outlined, config: LungsConfig, results: Path
) -> tuple[LungsNetwork, Path]:
    """Train the segmenter; continue where it was interrupted.

    Args:
        training: Films of patients that are trained on.
        held_out: Films of patients held out of training.
        config: The settings.
        results: Folder of results; the run ends in ``lungs`` below it.

    Returns:
        The segmenter in evaluation mode, and the run folder.
    """
    finished, working = results / "lungs", results / RUNNING_FOLDER / "lungs"
    keep_freed_memory()
    claim(working, config)
    pl.seed_everything(config.seed, verbose=False)
    module = LungsModule(LungsNetwork(config.imagenet), config)
    last = working / "last.ckpt"
    trainer = pl.Trainer(
        accelerator="auto",
        devices=1,
        precision=precision(),  # type: ignore[arg-type]
        max_epochs=config.epochs,
        callbacks=[
            averaging(config.ema_decay),
            ModelCheckpoint(
                working, "last", enable_version_counter=False, save_on_train_epoch_end=True
            ),
        ],
        logger=False,
        num_sanity_val_steps=0,
        enable_model_summary=False,
    )
    with without_noise():
        trainer.fit(
            module,
            DataLoader(_rows(training), config.batch_size, shuffle=True, drop_last=True),
            DataLoader(_rows(held_out), _READING_BATCH),
            ckpt_path=last if last.is_file() else None,
            weights_only=True,
        )
    averaged = torch.load(last, map_location="cpu", weights_only=True)["state_dict"]
    module.load_state_dict(averaged)
    network = module.network.to("cpu").eval().requires_grad_(False)
    state = {name: part.contiguous() for name, part in network.state_dict().items()}
    save_file(state, working / "weights.safetensors")
    write_json(working / "run.json", {"config": asdict(config)})
    last.unlink()
    shutil.rmtree(finished, ignore_errors=True)
    shutil.move(working, finished)
    return network, finished


def _rows(outlined: Outlined) -> TensorDataset:
    return TensorDataset(*(torch.from_numpy(part) for part in outlined))
