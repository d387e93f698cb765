"""What trains the generator's autoencoder: pixels, ImageNet features, and latents near normal ones.

No critic of patches beside them (Esser et al., CVPR 2021, https://arxiv.org/abs/2012.09841): in the
thousand steps that two CPU cores have time for, it either learnt nothing, or told all films apart
and drove the decoder to mark one corner.
"""

from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import AdamW

from core.data.dataset import seed_of
from core.models.efficientnet_lite import lite_features
from core.models.generator.autoencoder import Autoencoder, divergence, drawn_latents
from core.training.depthwise import FastDepthwiseGradients
from core.training.generator.schedule import set_rate

STAGES = 4
"""Stages of EfficientNet-Lite0 whose maps are compared, down to 8 x 8."""

LIKENESS_WEIGHT, DIVERGENCE_WEIGHT = 0.25, 1e-4
LIKENESS_SHARE = 0.5
"""Share of a batch whose features are compared: they take as long as the autoencoder itself."""


class Likeness(nn.Module):
    """How unlike films look to EfficientNet-Lite0 with ImageNet weights, as LPIPS does.

    Zhang et al., CVPR 2018 (https://arxiv.org/abs/1801.03924): the squared distance of maps whose
    channels have been scaled to unit length, without LPIPS's learnt weights.
    """

    def __init__(self) -> None:
        super().__init__()
        lite, _ = lite_features("efficientnet_lite0", imagenet=True)
        stem, norm, blocks = (lite.get_submodule(name) for name in ("conv_stem", "bn1", "blocks"))
        self.stages = nn.ModuleList(
            [nn.Sequential(stem, norm), *list(blocks.children())[: STAGES - 1]]
        )
        self.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> "Likeness":
        """Stay in evaluation mode."""
        return super().train(False)

    def forward(self, drawn: Tensor, real: Tensor) -> Tensor:
        """(B, 1, 128, 128), in [0, 1], each, to one number."""
        with FastDepthwiseGradients():
            with torch.no_grad():
                targets = self._maps(real)
            pairs = zip(self._maps(drawn), targets, strict=True)
            apart = [(one - other).square().sum(1).mean() for one, other in pairs]
        return torch.stack(apart).mean()

    def _maps(self, films: Tensor) -> list[Tensor]:
        maps, flow = [], (2 * films - 1).expand(-1, 3, -1, -1)
        for stage in self.stages:
            flow = stage(flow)
            maps.append(functional.normalize(flow.float(), dim=1, eps=1e-4))
        return maps


class AutoencoderModule(pl.LightningModule):
    """The autoencoder with what trains it.

    Args:
        network: The autoencoder.
        learning_rate: The highest.
        seed: Of everything random.
    """

    def __init__(self, network: Autoencoder, learning_rate: float, seed: int) -> None:
        super().__init__()
        self.network, self.learning_rate, self.seed = network, learning_rate, seed
        self.likeness = (Likeness(),)  # a tuple, so that checkpoints leave it out

    def on_fit_start(self) -> None:
        """Lay the weights out for convolutions, which is faster on CPUs and GPUs alike."""
        for part in (self.network, self.likeness[0].to(self.device)):
            part.to(memory_format=torch.channels_last)

    def training_step(self, batch: tuple[Tensor, ...], batch_idx: int) -> Tensor:
        """The loss of films (B, 1, 128, 128)."""
        torch.manual_seed(seed_of(self.seed, self.current_epoch, batch_idx))
        set_rate(self.trainer, batch_idx, self.learning_rate)
        films = batch[0]
        mean, log_variance = self.network.encode(films)
        decoded = self.network.decode(drawn_latents(mean, log_variance))
        some = slice(max(1, round(LIKENESS_SHARE * len(films))))
        losses = {
            "pixels": (decoded - films).abs().mean(),
            "likeness": self.likeness[0](decoded[some], films[some]),
            "divergence": divergence(mean, log_variance),
        }
        self.log_dict(losses, on_step=False, on_epoch=True)
        unlike = losses["pixels"] + LIKENESS_WEIGHT * losses["likeness"]
        loss: Tensor = unlike + DIVERGENCE_WEIGHT * losses["divergence"]
        return loss

    def on_before_optimizer_step(self, optimizer: Any) -> None:
        """Clip to norm 1."""
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)

    def validation_step(self, batch: tuple[Tensor, ...], batch_idx: int) -> None:
        """Log how far held-out films are from themselves, decoded."""
        films = batch[0]
        decoded = self.network.decode(self.network.encode(films)[0])
        size = len(films)
        self.log("val_pixels", (decoded - films).abs().mean(), batch_size=size)
        self.log("val_likeness", self.likeness[0](decoded, films), batch_size=size)

    def configure_optimizers(self) -> Any:
        """AdamW."""
        parameters = self.network.parameters()
        return AdamW(parameters, self.learning_rate, (0.5, 0.95), weight_decay=1e-4)
