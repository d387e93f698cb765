"""A logit summed over the lungs, and a finer last map, for every architecture that can have it."""

import pytest
import torch
from torch import nn

from core.models import REGISTRY, build_network
from core.models.lungs_pooling import LungsPooledHead
from core.models.stride import leave_out_last_halving

POOLED = tuple(name for name in REGISTRY if name not in ("vgg16_bn", "convnext_tiny"))
HALVING = tuple(name for name in REGISTRY if name != "vit_small")


def head(channels: int = 5) -> LungsPooledHead:
    torch.manual_seed(0)
    return LungsPooledHead(nn.Linear(channels, 1)).eval()


def some_lungs() -> torch.Tensor:
    """(2, 1, 16, 16): lung at the left half of one film and the right half of the other."""
    lungs = torch.zeros(2, 1, 16, 16)
    lungs[0, :, :, :8], lungs[1, :, :, 8:] = 1.0, 0.8
    return lungs


class TestHead:
    def test_the_evidence_and_the_bias_add_up_to_the_logit(self) -> None:
        features, lungs = torch.rand(2, 5, 4, 4), some_lungs()
        evidence = head().evidence(features, lungs)
        logits = head()(features, lungs)
        assert torch.allclose(evidence.sum((1, 2)) + head().linear.bias[0], logits, atol=1e-6)
        assert evidence[0, :, 8:].count_nonzero() == 0
        assert evidence[1, :, :8].count_nonzero() == 0

    def test_where_all_is_lung_it_is_the_mean_over_the_map(self) -> None:
        features = torch.rand(2, 5, 4, 4)
        by_mean = head().linear(features.mean((2, 3)))[:, 0]
        pooled = head()(features, torch.ones(2, 1, 16, 16))
        assert torch.allclose(pooled, by_mean, atol=2e-2), "but for the edges of the enlarged map"
        same = torch.rand(2, 5, 1, 1).expand(-1, -1, 4, 4)
        assert torch.allclose(
            head()(same, torch.ones(2, 1, 16, 16)),
            head().linear(same.mean((2, 3)))[:, 0],
            atol=1e-6,
        )

    def test_a_place_away_from_the_lungs_adds_nothing(self) -> None:
        features, lungs = torch.rand(2, 5, 4, 4), some_lungs()
        changed = features.clone()
        changed[0, :, :, 3] += 100  # columns 12 to 16 of the mask; lung ends at 8
        changed[1, :, :, 0] -= 100
        assert torch.equal(head()(changed, lungs), head()(features, lungs))

    def test_a_place_weighs_as_much_as_it_is_likely_to_be_lung(self) -> None:
        features, lungs = torch.rand(1, 5, 4, 4), torch.full((1, 1, 16, 16), 0.9)
        lungs[..., 8:], lungs[..., 15:] = 0.6, 0.5
        evidence = head().evidence(features, lungs)
        places = evidence / head().evidence(features, torch.ones(1, 1, 16, 16))
        sure, in_doubt = places[0, :, :8], places[0, :, 8:15]
        assert torch.allclose(in_doubt / sure.mean(), torch.tensor(0.6 / 0.9), atol=1e-4)
        assert evidence[0, :, 15:].count_nonzero() == 0

    def test_without_lungs_only_the_bias_is_left(self) -> None:
        none = head()(torch.rand(1, 5, 4, 4), torch.zeros(1, 1, 16, 16))
        assert torch.equal(none, head().linear.bias)

    def test_gradients_reach_the_features_under_the_lungs_alone(self) -> None:
        features = torch.rand(2, 5, 4, 4, requires_grad=True)
        head()(features, some_lungs()).sum().backward()
        assert features.grad is not None
        assert features.grad[0, :, :, 3].count_nonzero() == 0
        assert features.grad[0, :, :, 0].count_nonzero() > 0


class TestFinerMap:
    @pytest.mark.parametrize("name", HALVING)
    def test_the_last_map_is_twice_as_fine_and_weights_stay(self, name: str) -> None:
        torch.manual_seed(0)
        network = build_network(name, 64).eval()
        images = torch.rand(1, 1, 64, 64)
        with torch.no_grad():
            coarse = network.feature_map(images)
            before = {key: value.clone() for key, value in network.state_dict().items()}
            leave_out_last_halving(network.features)
            fine = network.feature_map(images)
        assert fine.shape[:2] == coarse.shape[:2]
        assert fine.shape[-1] == 2 * coarse.shape[-1]
        after = network.state_dict()
        assert before.keys() == after.keys()
        assert all(torch.equal(value, after[key]) for key, value in before.items())

    @pytest.mark.parametrize("name", POOLED)
    def test_a_pooled_network_reads_films_of_the_registry(self, name: str) -> None:
        torch.manual_seed(0)
        fine = name in HALVING
        network = build_network(name, 64, pooling="lungs", fine=fine).eval()
        lungs = torch.zeros(2, 1, 64, 64)
        lungs[..., 16:48, 8:56] = 1
        with torch.no_grad():
            logits = network(torch.rand(2, 1, 64, 64), lungs)
        assert logits.shape == (2,)
        assert logits.isfinite().all()

    @pytest.mark.parametrize("name", sorted(set(REGISTRY) - set(POOLED)))
    def test_a_head_that_is_no_mean_is_refused(self, name: str) -> None:
        with pytest.raises(ValueError, match="cannot be pooled"):
            build_network(name, 64, pooling="lungs")
