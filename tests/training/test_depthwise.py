"""Depthwise convolutions have the right gradients under bfloat16, and nothing else is touched."""

from contextlib import AbstractContextManager, nullcontext

import pytest
import torch
from torch import Tensor, nn

from core.training.depthwise import FastDepthwiseGradients

Gradients = tuple[Tensor, Tensor]


def depthwise(kernel: int, stride: int, dilation: int = 1, padding: int = 0) -> nn.Conv2d:
    torch.manual_seed(0)
    return nn.Conv2d(6, 6, kernel, stride, padding, dilation, groups=6, bias=False)


def through(
    conv: nn.Module,
    mode: AbstractContextManager[object],
    precision: AbstractContextManager[object],
    size_px: int = 17,
) -> tuple[Tensor, Gradients]:
    """What comes out of a convolution, and the gradients of its input and weights."""
    torch.manual_seed(1)
    images = torch.randn(3, 6, size_px, size_px, requires_grad=True)
    conv.zero_grad()
    with precision, mode:
        output = conv(images)
    upstream = torch.randn(output.shape).bfloat16()  # the same in both precisions
    output.backward(upstream.to(output.dtype))
    assert images.grad is not None
    weight = next(conv.parameters())
    assert weight.grad is not None
    return output.detach(), (images.grad, weight.grad.clone())


def half() -> AbstractContextManager[object]:
    return torch.autocast("cpu", torch.bfloat16)


def error(found: Gradients, exact: Gradients) -> float:
    """The largest error of any gradient, as a share of the largest gradient."""
    pairs = zip(found, exact, strict=True)
    return max(float((one - other).abs().max() / other.abs().max()) for one, other in pairs)


@pytest.mark.parametrize("size_px", [16, 17])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("kernel", [3, 5, 7])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_gradients_are_those_of_float32_to_what_bfloat16_can_hold(
    stride: int, kernel: int, padding: int, dilation: int, size_px: int
) -> None:
    conv = depthwise(kernel, stride, dilation, padding)
    exact_output, exact = through(conv, nullcontext(), nullcontext(), size_px)
    plain_output, _ = through(conv, nullcontext(), half(), size_px)
    output, gradients = through(conv, FastDepthwiseGradients(), half(), size_px)
    assert torch.equal(output, plain_output), "forwards nothing changes"
    assert output.dtype == torch.bfloat16
    assert torch.allclose(output.float(), exact_output, rtol=2**-6, atol=0.03)
    assert [part.dtype for part in gradients] == [torch.float32] * 2
    assert error(gradients, exact) < 2**-6


@pytest.mark.parametrize(
    "conv",
    [
        nn.Conv2d(6, 6, 3, padding=1, bias=False),
        nn.Conv2d(6, 6, 1, bias=False),
        nn.Conv2d(6, 6, 3, padding=1, groups=2, bias=False),
        nn.Conv2d(6, 1, 3, bias=False),
        nn.Conv2d(6, 6, 3, padding=1, groups=6),
        nn.Conv2d(6, 6, 3, padding="same", groups=6, bias=False),
        nn.Conv2d(6, 6, 3, padding=3, groups=6, bias=False),
        nn.Conv2d(6, 6, 3, padding=(0, 1), groups=6, bias=False),
        nn.Conv2d(6, 6, (3, 5), groups=6, bias=False),
        nn.Conv2d(6, 6, 4, groups=6, bias=False),
    ],
    ids=[
        "full",
        "pointwise",
        "grouped",
        "one output",
        "biased",
        "padded by name",
        "padded wide",
        "uneven",
        "oblong",
        "of even kernel",
    ],
)
def test_other_convolutions_are_left_alone(conv: nn.Conv2d) -> None:
    plain_output, plain = through(conv, nullcontext(), half())
    output, gradients = through(conv, FastDepthwiseGradients(), half())
    assert torch.equal(output, plain_output)
    for one, other in zip(gradients, plain, strict=True):
        assert torch.equal(one, other)


def test_without_autocast_nothing_changes() -> None:
    conv = depthwise(3, 1)
    _, plain = through(conv, nullcontext(), nullcontext())
    output, gradients = through(conv, FastDepthwiseGradients(), nullcontext())
    assert output.dtype == torch.float32
    for one, other in zip(gradients, plain, strict=True):
        assert torch.equal(one, other)
