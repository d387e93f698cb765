"""A network: a film's tensor in, the logit of pneumonia out."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from core.imaging.preprocess import FILM_SIZE_PX
from core.messages.errors import UnknownModel, WeightsMismatch, WeightsMissing
from core.models.norms import replace_batch_norm
from core.models.registry import REGISTRY, ModelSpec


class Network(nn.Module):
    """An architecture of the registry behind the tensor that ``core.imaging.preprocess`` makes.

    ``features`` and ``head`` are kept apart so that an explanation can run backwards through the
    head alone, without hooks on, or gradients in, a network that other sessions are using.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        spec: ModelSpec,
        size_px: int = FILM_SIZE_PX,
        dropout: float = 0.0,
        imagenet: bool = False,
    ) -> None:
        super().__init__()
        self.size_px = size_px
        self.features, self.head = spec.build(size_px, dropout, imagenet)
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

    def logit(self, feature_map: Tensor) -> Tensor:
        """The logit of pneumonia of each feature map: (B, C, h, w) to (B,)."""
        logits: Tensor = self.head(feature_map)
        return logits.squeeze(1)

    def shift(self, logits: float) -> None:
        """Add to every logit from now on, by the bias of the last layer."""
        last = [layer for layer in self.head.modules() if isinstance(layer, nn.Linear)][-1]
        with torch.no_grad():
            last.bias.add_(logits)

    def forward(self, images: Tensor) -> Tensor:
        """The logit of pneumonia of each image: (B, 1, S, S), in [0, 1], to (B,)."""
        return self.logit(self.feature_map(images))


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
) -> Network:
    """A network of the registry, with its start weights.

    Args:
        name: The architecture's name in the registry.
        size_px: Input side, in pixels.
        dropout: Share of the last features that training drops, 0 to 1.
        init: ``none`` for random weights, ``imagenet`` for those of ``ModelSpec.build``, or the
            path of a safetensors file that an earlier run of this architecture wrote.
        norm: What stands in the place of batch norm, one of ``core.models.norms.NORMS``.

    Raises:
        UnknownModel: No such architecture.
        WeightsMissing: ``init`` names a file that is not there.
        WeightsMismatch: The file is not one of this architecture's weights.
    """
    network = Network(find_spec(name), size_px, dropout, imagenet=init == "imagenet")
    replace_batch_norm(network, norm)
    if init not in ("none", "imagenet"):
        if not Path(init).is_file():
            raise WeightsMissing(file=init)
        try:
            network.load_state_dict(load_file(init))
        except (SafetensorError, RuntimeError) as error:
            raise WeightsMismatch(file=init, architecture=name) from error
    return network
