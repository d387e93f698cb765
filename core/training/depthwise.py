"""Depthwise convolutions with gradients that are fast in bfloat16 on a CPU.

oneDNN computes three gradients of such networks by slow reference code: the images' where the
stride is 2, the weights' where the kernel is above 3, and the weights' of a dilated kernel. Here
the first is a plain convolution of the gradient with zeros between its places, the second is put
together from windows of 3x3, and the third is computed in float32. EfficientNet-Lite0 at 112 px
learns from 106 films a second on one core with AVX512-BF16; with all of these gradients in float32,
the faster of the library's own ways, from 77.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad
from torch.overrides import TorchFunctionMode

_WINDOW = 3


class _DepthwiseConv2d(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, images: Tensor, weight: Tensor, stride: int, padding: int, dilation: int
    ) -> Tensor:
        images, weight = images.bfloat16(), weight.bfloat16()
        ctx.save_for_backward(images, weight)
        ctx.settings = stride, padding, dilation
        return torch.conv2d(images, weight, None, stride, padding, dilation, len(weight))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None, None, None]:
        images, weight = ctx.saved_tensors
        for_images = _for_images(gradient, images, weight, *ctx.settings)
        return for_images, _for_weight(gradient, images, weight, *ctx.settings), None, None, None


def _for_images(
    gradient: Tensor, images: Tensor, weight: Tensor, stride: int, padding: int, dilation: int
) -> Tensor:
    """The gradient with respect to the images: a convolution with the turned kernel."""
    reach = dilation * (weight.shape[-1] - 1)
    if stride > 1:
        size = [side + 2 * padding - reach for side in images.shape[2:]]
        spread = torch.empty(
            *images.shape[:2], *size, dtype=gradient.dtype, memory_format=torch.channels_last
        ).zero_()
        spread[:, :, ::stride, ::stride] = gradient
        gradient = spread
    turned = weight.flip(2, 3)
    return torch.conv2d(gradient, turned, None, 1, reach - padding, dilation, len(weight))


def _for_weight(
    gradient: Tensor, images: Tensor, weight: Tensor, stride: int, padding: int, dilation: int
) -> Tensor:
    """The gradient with respect to the weights, by overlapping windows of 3x3 of the kernel."""
    if dilation > 1:
        exact = gradient.float(), images.float(), weight.float()
        return _by_library(*exact, stride, padding, dilation).bfloat16()
    padded = pad(images, [padding] * 4)
    height, width = ((side - 1) * stride + _WINDOW for side in gradient.shape[2:])
    found = torch.empty_like(weight)
    starts = range(0, weight.shape[-1] - 1, 2)
    for top in starts:
        for left in starts:
            part = (..., slice(top, top + _WINDOW), slice(left, left + _WINDOW))
            seen = padded[..., top : top + height, left : left + width]
            found[part] = _by_library(gradient, seen, weight[part], stride, 0, 1)
    return found


def _by_library(
    gradient: Tensor, images: Tensor, weight: Tensor, stride: int, padding: int, dilation: int
) -> Tensor:
    settings = ([side, side] for side in (stride, padding, dilation))
    wanted = (False, True, False)
    found: Tensor = torch.ops.aten.convolution_backward(
        gradient, images, weight, None, *settings, False, [0, 0], len(weight), wanted
    )[1]
    return found


class FastDepthwiseGradients(TorchFunctionMode):
    """Inside it, depthwise convolutions under bfloat16 autocast on a CPU have fast gradients.

    Those with a bias, with an even or oblong kernel or with uneven settings are left as they are.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Replace the depthwise convolutions and call everything else as it is."""
        if func is not torch.conv2d or kwargs or not torch.is_autocast_enabled("cpu"):
            return func(*args, **(kwargs or {}))
        images, weight, bias, *settings = args
        if len(settings) != 4 or bias is not None or images.device.type != "cpu":
            return func(*args)
        *sides, groups = settings
        kernel, other = weight.shape[2:]
        depthwise = groups == len(weight) == images.shape[1] > 1
        odd = kernel == other >= _WINDOW and kernel % 2
        if not (depthwise and odd and all(_is_even(side) for side in sides)):
            return func(*args)
        stride, padding, dilation = (side if isinstance(side, int) else side[0] for side in sides)
        if padding > dilation * (kernel - 1):
            return func(*args)
        return _DepthwiseConv2d.apply(images, weight, stride, padding, dilation)


def _is_even(side: Any) -> bool:
    """Whether a setting is the same for height and width."""
    return isinstance(side, int) or (not isinstance(side, str) and side[0] == side[1])
