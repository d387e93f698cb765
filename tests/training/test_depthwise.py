"""Depthwise convolutions have float32 gradients under bfloat16, and nothing else is touched."""

from contextlib import AbstractContextManager, nullcontext

import pytest
import torch
from torch import Tensor, nn

from core.training.depthwise import FloatDepthwiseGradients

Gradients = tuple[Tensor, Tensor]


def depthwise(kernel: int, stride: int) -> nn.Conv2d:
    torch.manual_seed(0)
    return nn.Conv2d(6, 6, kernel, stride, kernel // 2, groups=6, bias=False)


def through(
    conv: nn.Module,
    mode: AbstractContextManager[object],
    precision: AbstractContextManager[object],
) -> tuple[Tensor, Gradients]:
    """What comes out of a convolution, and the gradients of its input and weights."""
    torch.manual_seed(1)
    images = torch.randn(3, 6, 17, 17, requires_grad=True)
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


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("stride", [1, 2])
def test_gradients_are_those_of_float32(kernel: int, stride: int) -> None:
    conv = depthwise(kernel, stride)
    exact_output, exact = through(conv, nullcontext(), nullcontext())
    plain_output, plain = through(conv, nullcontext(), half())
    output, gradients = through(conv, FloatDepthwiseGradients(), half())
    assert torch.equal(output, plain_output), "forwards nothing changes"
    assert output.dtype == torch.bfloat16
    assert torch.allclose(output.float(), exact_output, rtol=2**-6, atol=0.03)
    assert [part.dtype for part in gradients] == [torch.float32] * 2
    assert error(gradients, exact) < 1e-5 < error(plain, exact)


@pytest.mark.parametrize(
    "conv",
    [
        nn.Conv2d(6, 6, 3, padding=1, bias=False),
        nn.Conv2d(6, 6, 1, bias=False),
        nn.Conv2d(6, 6, 3, padding=1, groups=2, bias=False),
        nn.Conv2d(6, 1, 3, bias=False),
        nn.Conv2d(6, 6, 3, padding=1, groups=6),
        nn.Conv2d(6, 6, 3, padding="same", groups=6, bias=False),
    ],
    ids=["full", "pointwise", "grouped", "one output", "biased", "padded by name"],
)
def test_other_convolutions_are_left_alone(conv: nn.Conv2d) -> None:
    plain_output, plain = through(conv, nullcontext(), half())
    output, gradients = through(conv, FloatDepthwiseGradients(), half())
    assert torch.equal(output, plain_output)
    for one, other in zip(gradients, plain, strict=True):
        assert torch.equal(one, other)


def test_without_autocast_nothing_changes() -> None:
    conv = depthwise(3, 1)
    _, plain = through(conv, nullcontext(), nullcontext())
    output, gradients = through(conv, FloatDepthwiseGradients(), nullcontext())
    assert output.dtype == torch.float32
    for one, other in zip(gradients, plain, strict=True):
        assert torch.equal(one, other)
