"""A finer last feature map: the last halving of the grid is left out.

Networks for ImageNet end on a grid of a 32nd of the image. Where a map is to be looked at, and
pooled over the lungs alone, a 16th is better. Convolutions behind the halving are dilated, so that
they see as far as before (Yu et al., CVPR 2017, https://arxiv.org/abs/1705.09914); depthwise ones
are not, since processors compute them slowly when dilated.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

_PROBE_PX = 64


def leave_out_last_halving(features: nn.Module) -> None:
    """Let the layers that make the last grid of a network keep the grid before it.

    Args:
        features: From (B, 3, S, S) to a map; changed in place. Weights stay as they are.
    """
    halving = (nn.Conv2d, nn.AvgPool2d, nn.MaxPool2d)
    sides: dict[str, tuple[int, int]] = {}

    def watch(name: str) -> object:
        def note(module: nn.Module, given: tuple[Tensor, ...], made: Tensor) -> None:
            sides[name] = (given[0].shape[-1], made.shape[-1])

        return note

    layers = {name: part for name, part in features.named_modules() if isinstance(part, halving)}
    hooks = [part.register_forward_hook(watch(name)) for name, part in layers.items()]  # type: ignore[arg-type]
    was_training = features.training
    with torch.no_grad():
        last = features.eval()(torch.zeros(1, 3, _PROBE_PX, _PROBE_PX)).shape[-1]
    features.train(was_training)
    for hook in hooks:
        hook.remove()
    for name, (given, made) in sides.items():
        if made == last < given:
            _keep_grid(features, name, layers[name])
        elif given == last:
            _dilate(layers[name])


def _keep_grid(features: nn.Module, name: str, layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d):
        layer.stride = (1, 1)
        if layer.kernel_size[0] % 2 == 0:
            layer.register_forward_pre_hook(_one_more)
        return
    parent, _, own = name.rpartition(".")
    setattr(features.get_submodule(parent), own, nn.Identity())


def _one_more(layer: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """A row and a column of zeros, which an even kernel needs to keep the grid."""
    return (pad(given[0], (0, 1, 0, 1)),)


def _dilate(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d) and layer.groups == 1 and layer.kernel_size[0] > 1:
        layer.dilation = (2, 2)
        layer.padding = tuple(side - 1 for side in layer.kernel_size)
