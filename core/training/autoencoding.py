"""What trains the generator's autoencoder: pixels, ImageNet features, and a critic of patches."""

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
CRITIC_SHARE = 0.3
"""How strongly the critic pulls at the decoded pixels, as a share of how the other losses do."""

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
    """Tells real patches of about 36 px from decoded ones (Isola et al., CVPR 2017)."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.patches = nn.Sequential(
            nn.PixelUnshuffle(2),
            nn.Conv2d(4, width, 4, stride=2, padding=1),
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
        told: Tensor = self.patches(2 * films - 1)
        return told.float()


class AutoencoderModule(pl.LightningModule):
    """The autoencoder with what trains it (Esser et al., CVPR 2021, arXiv 2012.09841).

    Args:
        network: The autoencoder.
        learning_rate: The highest.
        critic_from: Share of the epochs after which the critic has a say.
        seed: Of everything random.
    """

    def __init__(
        self, network: Autoencoder, learning_rate: float, critic_from: float, seed: int
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.network, self.critic = network, Critic()
        self.likeness = (Likeness(),)  # a tuple, so that checkpoints leave it out
        self.learning_rate, self.critic_from, self.seed = learning_rate, critic_from, seed

    def on_fit_start(self) -> None:
        """Lay the weights out for convolutions, which is faster on CPUs and GPUs alike."""
        for part in (self.network, self.critic, self.likeness[0].to(self.device)):
            part.to(memory_format=torch.channels_last)

    def training_step(self, batch: tuple[Tensor, ...], batch_idx: int) -> None:
        """Teach the autoencoder, and from some epoch on the critic, on films (B, 1, 128, 128)."""
        torch.manual_seed(seed_of(self.seed, self.current_epoch, batch_idx))
        films = batch[0]
        drawer, critic = self.optimizers()  # type: ignore[attr-defined]
        self._set_rate(drawer, critic, batch_idx)
        mean, log_variance = self.network.encode(films)
        decoded = self.network.decode(drawn_latents(mean, log_variance))
        some = slice(max(1, round(LIKENESS_SHARE * len(films))))
        losses = {
            "pixels": (decoded - films).abs().mean(),
            "likeness": self.likeness[0](decoded[some], films[some]),
            "divergence": divergence(mean, log_variance),
        }
        seen = losses["pixels"] + LIKENESS_WEIGHT * losses["likeness"]
        (pull,) = torch.autograd.grad(seen, decoded)
        if self._has_critic:
            losses["fooling"] = -self.critic(decoded).mean()
            (other,) = torch.autograd.grad(losses["fooling"], decoded)
            pull = pull + CRITIC_SHARE * pull.norm() / other.norm().clamp(min=1e-8) * other
            losses["critic"] = self._taught_critic(critic, films, decoded.detach())
        drawer.zero_grad()
        weight = torch.tensor(DIVERGENCE_WEIGHT, device=self.device)
        torch.autograd.backward([decoded, losses["divergence"]], [pull, weight])
        self._step(drawer, self.network)
        self.log_dict(losses, on_step=False, on_epoch=True)

    @property
    def _has_critic(self) -> bool:
        return self.current_epoch >= self.critic_from * (self.trainer.max_epochs or 1)

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

    def _set_rate(self, drawer: Any, critic: Any, batch_idx: int) -> None:
        share = cosine(self.trainer, batch_idx)
        for optimizer in (drawer, critic):
            for group in optimizer.param_groups:
                group["lr"] = share * self.learning_rate

    def validation_step(self, batch: tuple[Tensor, ...], batch_idx: int) -> None:
        """Log how far held-out films are from themselves, decoded."""
        films = batch[0]
        decoded = self.network.decode(self.network.encode(films)[0])
        size = len(films)
        self.log("val_pixels", (decoded - films).abs().mean(), batch_size=size)
        self.log("val_likeness", self.likeness[0](decoded, films), batch_size=size)

    def configure_optimizers(self) -> Any:
        """AdamW for the autoencoder and for the critic."""
        settings: dict[str, Any] = {"lr": self.learning_rate, "betas": (0.5, 0.95)}
        return [
            AdamW(self.network.parameters(), weight_decay=1e-4, **settings),
            AdamW(self.critic.parameters(), weight_decay=1e-4, **settings),
        ]
