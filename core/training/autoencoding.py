"""What trains the generator's autoencoder, and afterwards its decoder alone.

The autoencoder learns from pixels and ImageNet features; a critic of patches sharpens the decoder.
Latents must not change once films are drawn in them, so the critic (Esser et al., CVPR 2021,
https://arxiv.org/abs/2012.09841) comes to a decoder whose encoder rests.
"""

from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import AdamW

from core.data.dataset import seed_of
from core.models.efficientnet_lite import lite_features
from core.synthesis.autoencoder import Autoencoder, divergence, drawn_latents
from core.training.depthwise import FloatDepthwiseGradients
from core.training.schedule import cosine

STAGES = 4
"""Stages of EfficientNet-Lite0 whose maps are compared, down to 8 x 8."""

LIKENESS_WEIGHT, DIVERGENCE_WEIGHT = 0.25, 1e-4
CRITIC_SHARE = 3.0
"""How strongly the critic pulls at the decoder's last layer, in those of likeness."""

MOST_CRITIC_WEIGHT = 1.0
"""A critic that cannot tell films apart pulls at random, and is not to be amplified."""

DETAIL_GAIN = 20.0
CRITIC_RATE = 2.0
"""The critic's learning rate, in the decoder's."""

ALONE_SHARE = 0.1
"""Share of the decoder's steps in which the critic learns before it has a say."""

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
        with FloatDepthwiseGradients():
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


class Critic(nn.Module):
    """Tells real patches of about 36 px from decoded ones (Isola et al., CVPR 2017).

    What a decoder blurs is faint beside what it keeps, so fine detail is shown to it enlarged.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.patches = nn.Sequential(
            nn.PixelUnshuffle(2),
            nn.Conv2d(8, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.GroupNorm(8, 2 * width),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 2 * width, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 1, 1),
        )

    def forward(self, films: Tensor) -> Tensor:
        """(B, 1, 128, 128) to how real each patch looks, (B, 1, 16, 16)."""
        detail = films - functional.avg_pool2d(films, 5, 1, 2, count_include_pad=False)
        told: Tensor = self.patches(torch.cat((2 * films - 1, DETAIL_GAIN * detail), 1))
        return told.float()


def _likeness_loss(likeness: Likeness, decoded: Tensor, films: Tensor) -> dict[str, Tensor]:
    """How far decoded films are from films, (B, 1, 128, 128): in pixels, and of some to the eye."""
    some = slice(max(1, round(LIKENESS_SHARE * len(films))))
    return {
        "pixels": (decoded - films).abs().mean(),
        "likeness": likeness(decoded[some], films[some]),
    }


class _Module(pl.LightningModule):
    """What both trainings share.

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
        for part in (*self.children(), self.likeness[0].to(self.device)):
            part.to(memory_format=torch.channels_last)

    def validation_step(self, batch: tuple[Tensor, ...], batch_idx: int) -> None:
        """Log how far held-out films are from themselves, decoded."""
        films = batch[0]
        decoded = self.network.decode(self.network.encode(films)[0])
        size = len(films)
        self.log("val_pixels", (decoded - films).abs().mean(), batch_size=size)
        self.log("val_likeness", self.likeness[0](decoded, films), batch_size=size)

    def _begin(self, batch_idx: int, *optimizers: Any) -> None:
        """Seed a step, and set its learning rate."""
        torch.manual_seed(seed_of(self.seed, self.current_epoch, batch_idx))
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = cosine(self.trainer, batch_idx) * group["highest"]

    @staticmethod
    def _adam(network: nn.Module, rate: float) -> AdamW:
        groups = [{"params": list(network.parameters()), "highest": rate}]
        return AdamW(groups, rate, (0.5, 0.95), weight_decay=1e-4)


class AutoencoderModule(_Module):
    """The autoencoder with what trains it: pixels, features, and latents close to normal."""

    def training_step(self, batch: tuple[Tensor, ...], batch_idx: int) -> Tensor:
        """The loss of films (B, 1, 128, 128)."""
        self._begin(batch_idx, *self.trainer.optimizers)
        films = batch[0]
        mean, log_variance = self.network.encode(films)
        decoded = self.network.decode(drawn_latents(mean, log_variance))
        losses = _likeness_loss(self.likeness[0], decoded, films)
        losses["divergence"] = divergence(mean, log_variance)
        self.log_dict(losses, on_step=False, on_epoch=True)
        return (
            losses["pixels"]
            + LIKENESS_WEIGHT * losses["likeness"]
            + DIVERGENCE_WEIGHT * losses["divergence"]
        )

    def on_before_optimizer_step(self, optimizer: Any) -> None:
        """Clip to norm 1."""
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)

    def configure_optimizers(self) -> Any:
        """AdamW."""
        return self._adam(self.network, self.learning_rate)


class DecoderModule(_Module):
    """The decoder with what sharpens it: likeness, and a critic that learns with it."""

    def __init__(self, network: Autoencoder, learning_rate: float, seed: int) -> None:
        super().__init__(network, learning_rate, seed)
        self.automatic_optimization = False
        self.critic = Critic()

    def setup(self, stage: str) -> None:
        """Wake the decoder, and let the encoder rest."""
        self.network.train().decoder.requires_grad_(True)

    def training_step(self, batch: tuple[Tensor, ...], batch_idx: int) -> None:
        """Teach decoder and critic on films (B, 1, 128, 128)."""
        drawer, critic = self.optimizers()  # type: ignore[attr-defined]
        self._begin(batch_idx, drawer, critic)
        films = batch[0]
        with torch.no_grad():
            latents = drawn_latents(*self.network.encode(films))
        decoded = self.network.decode(latents)
        losses = _likeness_loss(self.likeness[0], decoded, films)
        seen = losses["pixels"] + LIKENESS_WEIGHT * losses["likeness"]
        (pull,) = torch.autograd.grad(seen, decoded)
        losses["critic"] = self._taught_critic(critic, films, decoded.detach())
        if self._has_a_say(batch_idx):
            losses["fooling"] = -self.critic(decoded).mean()
            (other,) = torch.autograd.grad(losses["fooling"], decoded)
            losses["weight"] = self._weight(decoded, pull, other)
            pull = pull + losses["weight"] * other
        drawer.zero_grad()
        torch.autograd.backward([decoded], [pull])
        self._step(drawer, self.network.decoder)
        self.log_dict(losses, on_step=False, on_epoch=True)

    def configure_optimizers(self) -> Any:
        """AdamW for the decoder and for the critic."""
        return [
            self._adam(self.network.decoder, self.learning_rate),
            self._adam(self.critic, CRITIC_RATE * self.learning_rate),
        ]

    def _has_a_say(self, batch_idx: int) -> bool:
        steps = int(self.trainer.num_training_batches)
        done = (self.current_epoch * steps + batch_idx) / (steps * (self.trainer.max_epochs or 1))
        return done >= ALONE_SHARE

    def _weight(self, decoded: Tensor, pull: Tensor, other: Tensor) -> Tensor:
        """What the critic's pull counts: by both pulls at the last layer, as Esser et al. do."""
        last = list(self.network.decoder.parameters())[-2]
        mine, its = (
            torch.autograd.grad(decoded, last, each, retain_graph=True)[0].norm()
            for each in (pull, other)
        )
        weight: Tensor = CRITIC_SHARE * mine / (its + 1e-6)
        return weight.clamp(max=MOST_CRITIC_WEIGHT)

    def _taught_critic(self, optimizer: Any, films: Tensor, decoded: Tensor) -> Tensor:
        """A step of the critic, by the hinge loss."""
        real, drawn = self.critic(torch.cat((films, decoded))).chunk(2)
        loss = (functional.relu(1 - real) + functional.relu(1 + drawn)).mean()
        optimizer.zero_grad()
        self.manual_backward(loss)
        self._step(optimizer, self.critic)
        return loss

    @staticmethod
    def _step(optimizer: Any, network: nn.Module) -> None:
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
