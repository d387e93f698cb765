"""Depthwise convolutions whose gradients are computed in float32.

On CPUs oneDNN computes the gradients of depthwise convolutions in bfloat16 3.4 times slower than
in float32 (EfficientNet-Lite0, 224 px, batch 32, two cores with AVX512-BF16: 857 ms a step against
251 ms), while everything else in such a network is faster in bfloat16.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode


class _DepthwiseConv2d(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, images: Tensor, weight: Tensor, settings: tuple[Any, ...]) -> Tensor:
        ctx.save_for_backward(images, weight)
        ctx.settings = settings
        return torch.conv2d(images.bfloat16(), weight.bfloat16(), None, *settings)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        images, weight = ctx.saved_tensors
        stride, padding, dilation, groups = ctx.settings
        for_images, for_weight, _ = torch.ops.aten.convolution_backward(
            gradient.float(),
            images.float(),
            weight.float(),
            None,
            _pair(stride),
            _pair(padding),
            _pair(dilation),
            False,
            (0, 0),
            groups,
            (True, True, False),
        )
        return for_images.to(images.dtype), for_weight.to(weight.dtype), None


def _pair(value: int | Sequence[int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


class FloatDepthwiseGradients(TorchFunctionMode):
    """Inside it, depthwise convolutions under bfloat16 autocast on a CPU have float32 gradients."""

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
        depthwise = len(settings) == 4 and settings[3] == len(weight) > 1 and bias is None
        if not depthwise or images.device.type != "cpu" or isinstance(settings[1], str):
            return func(*args)
        return _DepthwiseConv2d.apply(images, weight, tuple(settings))
