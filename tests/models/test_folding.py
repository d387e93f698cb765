"""Folding leaves what a network says as it is."""

import pytest
import torch
from torch import nn

from core.models.folding import folded
from core.models.gate import GateNetwork
from core.models.lungs import LungsNetwork
from core.models.network import build_network
from core.models.registry import REGISTRY

SIZE_PX = 64


def lived(network: nn.Module) -> nn.Module:
    """The network with running statistics and scales as training leaves them."""
    draw = torch.Generator().manual_seed(0)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            for tensor in (part.running_mean, part.bias):
                assert isinstance(tensor, torch.Tensor)
                tensor.data.normal_(0, 0.2, generator=draw)
            for tensor in (part.running_var, part.weight):
                assert isinstance(tensor, torch.Tensor)
                tensor.data.uniform_(0.5, 1.5, generator=draw)
    return network.eval().requires_grad_(False)


@pytest.mark.parametrize("name", REGISTRY)
def test_every_architecture_says_the_same(name: str) -> None:
    torch.manual_seed(0)
    network = lived(build_network(name, SIZE_PX)).double()
    images = torch.rand(2, 1, SIZE_PX, SIZE_PX, dtype=torch.float64)
    before = network(images)
    torch.testing.assert_close(folded(network)(images), before, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", [LungsNetwork, GateNetwork])
def test_no_batch_norm_behind_a_convolution_is_left(kind: type[nn.Module]) -> None:
    torch.manual_seed(0)
    network = lived(kind())
    images = torch.rand(1, 1, SIZE_PX, SIZE_PX)
    with torch.no_grad():
        before = network(images)
        after = folded(network)(images)
    torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-3)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in network.modules())
