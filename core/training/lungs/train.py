"""Training of the lungs segmenter on human outlines."""

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from pytorch_lightning.callbacks import ModelCheckpoint
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, Dataset

from core.data.augmentation import Augmentation
from core.data.dataset import EpochSampler, load_pixels, seed_of
from core.data.draw import Draw
from core.data.folder import DEFAULT_SPLIT, hold_out, manifest_sha256, training_pool
from core.data.outlines import outlined, read_outlines
from core.imaging.framing import LUNGS_FROM, stretch, whole
from core.metrics.overlap import dice
from core.models.hardware import keep_freed_memory, precision
from core.models.lungs import LUNGS_INPUT_PX, LungsNetwork
from core.models.lungs_card import LUNGS_FOLDER, LungsCard, save_lungs
from core.models.weights import sha256_of, weights_file
from core.results.folder import RESULTS_FOLDER, write_json
from core.results.lungs import LUNGS_RESULTS
from core.results.progress import RUNNING_FOLDER
from core.training.callbacks import averaging
from core.training.working import catch_up, claim, without_noise

WORKING = "lungs"
_AUGMENTATION = Augmentation("all-erasing", LUNGS_INPUT_PX, least_crop=0.4, most_crop=1.8)
_READING_BATCH = 64


@dataclass(frozen=True, slots=True)
class LungsConfig:
    """What decides the result.

    Args:
        epochs: How many, at least 1.
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


class Outlined(Dataset[tuple[Tensor, Tensor]]):
    """Films with human outlines, by the keys that ``EpochSampler`` gives.

    Args:
        films: (N, 224, 224), uint8, 0 black to 255 white.
        outlines: (N, 224, 224), bool, where a human saw lung.
    """

    def __init__(self, films: NDArray[np.uint8], outlines: NDArray[np.bool_]) -> None:
        if len(films) != len(outlines):
            raise ValueError(f"expected {len(films)} outlines, got {len(outlines)}")
        self.films, self.outlines = torch.from_numpy(films), torch.from_numpy(outlines)

    def __len__(self) -> int:
        return len(self.films)

    def __getitem__(self, key: int) -> tuple[Tensor, Tensor]:
        """A film and its outline, (224, 224) each."""
        place = key % len(self.films)
        return self.films[place], self.outlines[place]


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
        self.held_out_dice = 0.0

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

    def on_validation_epoch_end(self) -> None:
        """Keep the mean Dice coefficient, which travels in the checkpoint."""
        self.held_out_dice = float(self.trainer.callback_metrics["val_dice"])

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add it to the checkpoint."""
        checkpoint["held_out_dice"] = self.held_out_dice

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take it from the checkpoint."""
        self.held_out_dice = float(checkpoint["held_out_dice"])

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
) -> tuple[LungsNetwork, float]:
    """Train the segmenter; continue where it was interrupted.

    Args:
        training: Films of patients that are trained on.
        held_out: Films of patients held out of training.
        config: The settings.
        results: Folder of results, below which an unfinished training is kept.

    Returns:
        The segmenter in evaluation mode, on the CPU, and its mean Dice coefficient on the films
        held out.

    Raises:
        RunDiffers: An unfinished training has other settings.
    """
    working = results / RUNNING_FOLDER / WORKING
    keep_freed_memory()
    claim(working, config)
    pl.seed_everything(config.seed, verbose=False)
    module = LungsModule(LungsNetwork(config.imagenet), config)
    last = working / "last.ckpt"
    trainer = _trainer(working, config)
    sampler = EpochSampler(len(training), config.seed)
    if last.is_file():
        catch_up(sampler, last)
    drop = len(training) > config.batch_size
    with without_noise():
        trainer.fit(
            module,
            DataLoader(training, config.batch_size, sampler=sampler, drop_last=drop),
            DataLoader(held_out, _READING_BATCH),
            ckpt_path=last if last.is_file() else None,
            weights_only=True,
        )
    found = torch.load(last, map_location="cpu", weights_only=True)
    module.load_state_dict(found["state_dict"])
    return module.network.to("cpu").eval().requires_grad_(False), module.held_out_dice


def _trainer(working: Path, config: LungsConfig) -> pl.Trainer:
    return pl.Trainer(
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


def make_lungs(
    data: Path,
    version: str,
    config: LungsConfig,
    results: Path = RESULTS_FOLDER,
    folder: Path = LUNGS_FOLDER,
) -> LungsCard:
    """Train the segmenter on the outlines beside a data folder, and ship it.

    Its patients are split as those of the classifiers are by default; test films are never read.

    Args:
        data: The data folder.
        version: Of the weights.
        config: Settings that decide the result.
        results: Folder of results; run.json goes into ``lungs`` below it.
        folder: Where the segmenter ships.

    Raises:
        DataError: The films or the outlines cannot be read.
        RunDiffers: An unfinished training has other settings.
        WeightsMissing: The package with the ImageNet weights is not installed.
    """
    records = outlined(data, hold_out(training_pool(data), *DEFAULT_SPLIT))
    films, outlines = load_pixels(data, records), read_outlines(data, records)
    taught = np.array([record.split == "train" for record in records])
    training, held_out = (Outlined(films[some], outlines[some]) for some in (taught, ~taught))
    network, held_out_dice = train_lungs(training, held_out, config, results)
    weights = weights_file(network, half=True)
    card = LungsCard(
        version=version,
        sha256=sha256_of(weights),
        parameters=sum(part.numel() for part in network.parameters()),
        films=len(training),
        held_out_films=len(held_out),
    )
    place = results / LUNGS_RESULTS
    place.mkdir(parents=True, exist_ok=True)
    summary = {
        "config": asdict(config),
        "version": version,
        "weights_sha256": card.sha256,
        "manifest_sha256": manifest_sha256(records),
        "val_dice": round(held_out_dice, 5),
    }
    write_json(place / "run.json", summary)
    save_lungs(card, weights, folder)
    shutil.rmtree(results / RUNNING_FOLDER / WORKING)
    return card
