"""A network: a film's tensor in, the logit of pneumonia out."""

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from core.imaging.framings import FILM, FRAMINGS
from core.imaging.preprocess import FILM_SIZE_PX
from core.messages.errors import UnknownModel, WeightsMismatch, WeightsMissing
from core.models.lungs_pooling import LungsPooledHead
from core.models.norms import replace_batch_norm
from core.models.registry import REGISTRY, ModelSpec
from core.models.stride import leave_out_last_halving

MEAN, LUNGS = "mean", "lungs"
POOLINGS = (MEAN, LUNGS)
"""What the last map becomes a logit by."""
COARSE_STRIDE_PX = 32
"""Pixels of the input to a place of the last map, where no halving is left out."""


class Network(nn.Module):
    """An architecture of the registry behind the tensor that ``core.imaging.preprocess`` makes.

    ``features`` and ``head`` are kept apart so that an explanation can run backwards through the
    head alone, without hooks on, or gradients in, a network that other sessions are using.
    ``size_px`` and ``framing`` say what it is given to read.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        spec: ModelSpec,
        size_px: int = FILM_SIZE_PX,
        dropout: float = 0.0,
        imagenet: bool = False,
        pooling: str = MEAN,
        fine: bool = False,
        framing: str = FILM,
    ) -> None:
        super().__init__()
        if framing not in FRAMINGS:
            raise ValueError(f"framing must be one of {FRAMINGS}, not {framing!r}")
        self.size_px, self.framing = size_px, framing
        self.features: nn.Module
        self.head: Any
        self.features, self.head = spec.build(size_px, dropout, imagenet)
        if fine:
            leave_out_last_halving(self.features)
        if pooling == LUNGS:
            if not self.is_pooled_linear:
                raise ValueError(f"the head of {spec.name} cannot be pooled over the lungs")
            self.head = LungsPooledHead(self.head[-1], dropout)
        self.register_buffer("mean", torch.tensor(spec.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(spec.std).view(1, 3, 1, 1), persistent=False)

    @property
    def is_pooled_linear(self) -> bool:
        """Whether the head is a mean over places and a weighted sum: a map adds up to the logit."""
        parts = [type(part) for part in self.head.children() if not isinstance(part, nn.Dropout)]
        return parts == [nn.AdaptiveAvgPool2d, nn.Flatten, nn.Linear]

    def feature_map(self, images: Tensor) -> Tensor:
        """The map that CAMs read.

        Args:
            images: (B, 1, S, S), in [0, 1].

        Returns:
            (B, C, h, w).
        """
        normalised = (images - self.mean) / self.std  # (B, 3, S, S)
        maps: Tensor = self.features(normalised)
        return maps

    def logit(self, feature_map: Tensor, lungs: Tensor | None = None) -> Tensor:
        """The logit of pneumonia of each feature map.

        Args:
            feature_map: (B, C, h, w).
            lungs: (B, 1, S, S), in [0, 1], of the same part of the film; what is pooled over the
                lungs needs it, and nothing else looks at it.

        Returns:
            (B,).
        """
        if self.is_lungs_pooled:
            pooled: Tensor = self.head(feature_map, lungs)
            return pooled
        logits: Tensor = self.head(feature_map)
        return logits.squeeze(1)

    @property
    def is_lungs_pooled(self) -> bool:
        """Whether the logit is a map of evidence, summed over the lungs."""
        return isinstance(self.head, LungsPooledHead)

    def shift(self, logits: float) -> None:
        """Add to every logit from now on, by the bias of the last layer."""
        last = [layer for layer in self.head.modules() if isinstance(layer, nn.Linear)][-1]
        with torch.no_grad():
            last.bias.add_(logits)

    def forward(self, images: Tensor, lungs: Tensor | None = None) -> Tensor:
        """The logit of pneumonia of each image: (B, 1, S, S), in [0, 1], to (B,)."""
        return self.logit(self.feature_map(images), lungs)


def chain_of(module: nn.Module) -> tuple[nn.Module, ...]:
    """A chain of layers, and chains within it, as one."""
    if type(module).forward is not nn.Sequential.forward:
        return (module,)
    return tuple(step for part in module.children() for step in chain_of(part))


def find_spec(name: str) -> ModelSpec:
    """The registry's entry of that name.

    Raises:
        UnknownModel: The registry has none.
    """
    if name not in REGISTRY:
        raise UnknownModel(name=name, known=", ".join(REGISTRY))
    return REGISTRY[name]


def build_network(
    name: str,
    size_px: int = FILM_SIZE_PX,
    dropout: float = 0.0,
    init: str = "none",
    norm: str = "batch",
    pooling: str = MEAN,
    fine: bool = False,
    framing: str = FILM,
) -> Network:
    """A network of the registry, with its start weights.

    Args:
        name: The architecture's name in the registry.
        size_px: Input side, in pixels.
        dropout: Share of the last features that training drops, 0 to 1.
        init: ``none`` for random weights, ``imagenet`` for those of ``ModelSpec.build``, or the
            path of a safetensors file that an earlier run of this architecture wrote.
        norm: What stands in the place of batch norm, one of ``core.models.norms.NORMS``.
        pooling: ``mean`` over the last map, or ``lungs`` for its sum over the lungs.
        fine: Whether the last halving of the grid is left out.
        framing: What of a film it reads, one of ``core.imaging.framings.FRAMINGS``.

    Raises:
        UnknownModel: No such architecture.
        WeightsMissing: ``init`` names a file that is not there.
        WeightsMismatch: The file is not one of this architecture's weights.
    """
    network = Network(find_spec(name), size_px, dropout, init == "imagenet", pooling, fine, framing)
    replace_batch_norm(network, norm)
    if init not in ("none", "imagenet"):
        if not Path(init).is_file():
            raise WeightsMissing(file=init)
        try:
            network.load_state_dict(load_file(init))
        except (SafetensorError, RuntimeError) as error:
            raise WeightsMismatch(file=init, architecture=name) from error
    return network
