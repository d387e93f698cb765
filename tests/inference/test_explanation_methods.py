"""Methods of explanation: what each is known to do, and what none may leave behind."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from pytorch_grad_cam import ScoreCAM
from pytorch_grad_cam.utils.svd_on_activations import get_2d_projection_with_sign_correction
from torch import Tensor, nn

from core.imaging import Film
from core.inference.explanation_methods import METHODS, Unit, averaged, silent
from core.inference.explanations import Features, read_features
from core.inference.model import Diagnostician
from core.models import ModelSpec, Network, build_network
from core.models.network import MEAN
from core.models.weights import GRAD_CAM
from core.results.model_records import Scale
from tests.inference.test_explanations import phantom_film
from tests.support.tiny import TINY

OF_MEANS = [name for name, method in METHODS.items() if MEAN in method.poolings]
ALL = pytest.mark.parametrize("name", OF_MEANS)
SIDE_PX = 64


def staged_halves(size_px: int, dropout: float, imagenet: bool) -> tuple[nn.Module, nn.Module]:
    """Two stages, 16 by 16 and 8 by 8, the second a chain within the chain."""
    first = (nn.Conv2d(3, 8, 3, stride=4, padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
    second = nn.Sequential(nn.Conv2d(8, 12, 3, stride=2, padding=1), nn.ReLU(inplace=True))
    pool = (nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return nn.Sequential(*first, second), nn.Sequential(
        *pool, nn.Dropout(dropout), nn.Linear(12, 1)
    )


def network_of(spec: ModelSpec) -> Network:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return Network(spec, SIDE_PX).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def staged() -> Network:
    return network_of(ModelSpec("staged", "", staged_halves, "", ""))


@pytest.fixture(scope="module")
def images() -> Tensor:
    return torch.rand(3, 1, SIDE_PX, SIDE_PX, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def features(staged: Network, images: Tensor) -> Features:
    return read_features(staged, images)


def linear_maps(network: Network, last: Tensor) -> Tensor:
    """What each place adds to the logit, by hand: (B, h, w)."""
    weight = network.head[-1].weight[0]
    return torch.einsum("c,bchw->bhw", weight, last) / (last.shape[2] * last.shape[3])


def hooks_of(network: Network) -> Iterator[object]:
    for module in network.modules():
        yield from (module._forward_hooks, module._forward_pre_hooks)
        yield from (module._backward_hooks, module._backward_pre_hooks)


class TestFeatures:
    def test_the_last_map_is_the_networks_and_the_finer_one_leads_to_it(
        self, staged: Network, images: Tensor, features: Features
    ) -> None:
        torch.testing.assert_close(features.last, staged.feature_map(images))
        assert features.last.shape == (3, 12, 8, 8)
        assert features.finer.shape == (3, 8, 16, 16)
        assert (features.finer >= 0).all(), "after its ReLU, which later steps may not write over"
        flow = features.finer.clone()
        for step in features.rest:
            flow = step(flow)
        torch.testing.assert_close(flow, features.last)

    def test_a_network_of_one_grid_has_no_finer_map(self, images: Tensor) -> None:
        found = read_features(network_of(TINY), images)
        assert found.finer is found.last
        assert found.rest == ()

    @pytest.mark.parametrize("name", ["resnet18", "densenet121", "efficientnet_lite0", "vit_small"])
    def test_real_architectures_are_read_stage_by_stage(self, name: str) -> None:
        network = build_network(name, SIDE_PX).eval().requires_grad_(False)
        image = torch.rand(1, 1, SIDE_PX, SIDE_PX)
        found = read_features(network, image)
        torch.testing.assert_close(found.last, network.feature_map(image))
        finer = found.finer.shape[-1] / found.last.shape[-1]
        assert finer == (1 if name == "vit_small" else 2)


class TestMaps:
    @ALL
    def test_a_map_a_film_finite_and_at_least_zero(self, name: str, features: Features) -> None:
        maps = METHODS[name].maps(features, silent)
        side = 16 if name == "layer_cam" else 8
        assert maps.shape == (3, side, side)
        assert maps.dtype == np.float32
        assert np.isfinite(maps).all()
        assert (maps >= 0).all()

    @ALL
    def test_films_of_one_batch_do_not_mix(
        self, name: str, staged: Network, images: Tensor
    ) -> None:
        together = METHODS[name].maps(read_features(staged, images), silent)
        for index in range(3):
            one = read_features(staged, images[index : index + 1])
            alone = METHODS[name].maps(one, silent)[0]
            np.testing.assert_allclose(together[index], alone, rtol=1e-4, atol=1e-5)

    @ALL
    def test_nothing_is_stretched_to_the_hottest_spot(self, name: str, images: Tensor) -> None:
        """A head of twice the weights gives twice the logit, and so twice the evidence."""
        network = network_of(ModelSpec("staged", "", staged_halves, "", ""))
        once = METHODS[name].maps(read_features(network, images), silent)
        with torch.no_grad():
            network.head[-1].weight.mul_(2)
        twice = METHODS[name].maps(read_features(network, images), silent)
        if name == "eigen_cam":
            np.testing.assert_array_equal(twice, once)
        elif METHODS[name].unit is Unit.LOGITS and name != "grad_cam_plus_plus":
            np.testing.assert_allclose(twice, 2 * once, rtol=1e-4, atol=1e-6)
        else:
            assert not np.allclose(twice, once)

    def test_grad_cam_adds_up_to_the_logit(self, staged: Network, features: Features) -> None:
        by_hand = linear_maps(staged, features.last)
        logits = by_hand.sum(dim=(1, 2)) + staged.head[-1].bias
        torch.testing.assert_close(logits, staged.logit(features.last))
        maps = METHODS[GRAD_CAM].maps(features, silent)
        np.testing.assert_allclose(maps, by_hand.clamp(min=0), atol=1e-6)

    def test_hires_cam_is_grad_cam_behind_a_pooled_linear_head(
        self, staged: Network, features: Features
    ) -> None:
        assert staged.is_pooled_linear
        hires = METHODS["hires_cam"].maps(features, silent)
        np.testing.assert_allclose(hires, METHODS[GRAD_CAM].maps(features, silent), atol=1e-6)

    def test_and_another_map_behind_another_head(self, images: Tensor) -> None:
        def bent(*_: object) -> tuple[nn.Module, nn.Module]:
            features, _head = staged_halves(SIDE_PX, 0.0, False)
            return features, nn.Sequential(nn.Flatten(), nn.Linear(12 * 64, 1))

        network = network_of(ModelSpec("bent", "", bent, "", ""))
        assert not network.is_pooled_linear
        found = read_features(network, images)
        hires = METHODS["hires_cam"].maps(found, silent)
        by_hand = (network.head[1].weight.view(12, 8, 8) * found.last).sum(1).clamp(min=0)
        np.testing.assert_allclose(hires, by_hand, atol=1e-5)
        assert not np.allclose(hires, METHODS[GRAD_CAM].maps(found, silent), atol=1e-3)

    def test_grad_cam_plus_plus_is_its_papers_formula(
        self, staged: Network, features: Features
    ) -> None:
        last, places = features.last.double(), 64
        slope = (staged.head[-1].weight[0].double() / places).view(1, -1, 1, 1)
        total = last.sum(dim=(2, 3), keepdim=True)
        weight = places * slope.clamp(min=0) / (2 + total * slope)
        by_hand = (weight * last).sum(dim=1).clamp(min=0)
        maps = METHODS["grad_cam_plus_plus"].maps(features, silent)
        np.testing.assert_allclose(maps, by_hand, rtol=1e-2)

    def test_layer_cam_is_the_positive_slope_times_the_finer_map(
        self, staged: Network, features: Features
    ) -> None:
        finer = features.finer.clone().requires_grad_()
        flow = finer.clone()
        for step in features.rest:
            flow = step(flow)
        (slope,) = torch.autograd.grad(staged.logit(flow).sum(), finer)
        by_hand = (slope.clamp(min=0) * finer).sum(1).clamp(min=0).detach()
        np.testing.assert_allclose(METHODS["layer_cam"].maps(features, silent), by_hand, atol=1e-6)

    def test_eigen_cam_is_the_librarys_with_its_larger_end_positive(
        self, features: Features
    ) -> None:
        expected = get_2d_projection_with_sign_correction(features.last.numpy())
        maps = METHODS["eigen_cam"].maps(features, silent)
        np.testing.assert_allclose(maps, np.maximum(expected, 0), atol=1e-3)
        assert (maps.max(axis=(1, 2)) >= -expected.min(axis=(1, 2))).all()

    def test_score_cam_weighs_channels_as_the_library_does(
        self, staged: Network, images: Tensor, features: Features
    ) -> None:
        """With fewer channels than are taken, it takes all, so the library's must be its own."""

        class Whole(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.features, self.head = staged.features, staged.head
                self.entrance = nn.Identity()

            def forward(self, given: Tensor) -> Tensor:
                return self.head(self.entrance(self.features((given - staged.mean) / staged.std)))

        whole = Whole().eval()
        cam = ScoreCAM(whole, [whole.entrance])
        maps = METHODS["score_cam"].maps(features, silent)
        for film in range(3):
            activations = features.last[film : film + 1].numpy()
            target = [lambda output: output[0]]
            given = images[film : film + 1]
            weights = cam.get_cam_weights(given, None, target, activations, None)
            expected = np.maximum((weights[:, :, None, None] * activations).sum(1), 0)[0]
            np.testing.assert_allclose(maps[film], expected, rtol=1e-4, atol=1e-6)
        cam.activations_and_grads.release()

    def test_score_cam_takes_the_channels_that_vary_most_and_tells_how_far_it_is(
        self, images: Tensor
    ) -> None:
        network = build_network("resnet18", SIDE_PX).eval().requires_grad_(False)
        told: list[float] = []
        maps = METHODS["score_cam"].maps(read_features(network, images[:2]), told.append)
        assert maps.shape == (2, 2, 2)
        assert told == sorted(told)
        assert told[-1] == 1
        passes = METHODS["score_cam"].masked_passes
        assert len(told) == 2 * (1 + passes // 16), "a step a batch of 16 masked films"


class TestSharedNetwork:
    @ALL
    def test_nothing_stays_on_the_network(
        self, name: str, staged: Network, features: Features
    ) -> None:
        before = {key: value.clone() for key, value in staged.state_dict().items()}
        METHODS[name].maps(features, silent)
        assert not any(hooks_of(staged))
        for module in staged.modules():
            assert not module.training
        for parameter in staged.parameters():
            assert parameter.grad is None
            assert not parameter.requires_grad
        for key, value in staged.state_dict().items():
            assert torch.equal(value, before[key]), key

    @ALL
    def test_two_threads_see_what_one_sees(self, name: str, tiny_weights: Path) -> None:
        model = Diagnostician.load("tiny", tiny_weights)
        films = [phantom_film(seed) for seed in range(3)]

        def evidence(film: Film) -> np.ndarray:
            return model.heatmap(film, METHODS[name], Scale(1.0, (1.0,), 1)).evidence

        alone = [evidence(film) for film in films]
        assert len({values.tobytes() for values in alone}) == 3, "three different films"
        rounds = 1 if METHODS[name].masked_passes else 2
        with ThreadPoolExecutor(2) as threads:
            together = list(threads.map(evidence, films * rounds))
        for index, found in enumerate(together):
            np.testing.assert_array_equal(found, alone[index % 3])


class TestHeatmap:
    def test_grad_cam_by_choice_is_the_diagnosiss_own(self, tiny_ensemble: Path) -> None:
        pair = Diagnostician.load("pair", tiny_ensemble)
        film = phantom_film(5)
        own = pair.diagnose(film).heatmap
        scale = Scale(pair.card.cam_scale, (1.0, 1.0), 1)
        chosen = pair.heatmap(film, METHODS[GRAD_CAM], scale)
        np.testing.assert_allclose(chosen.evidence, own.evidence, atol=1e-6)
        assert (chosen.full_heat, chosen.method) == (own.full_heat, own.method)

    def test_networks_of_other_units_weigh_alike(self) -> None:
        maps = [np.full((1, 2, 2), 30, np.float32), np.full((1, 4, 4), 0.5, np.float32)]
        mean = averaged(maps, (20.0, 0.5))
        assert mean.shape == (1, 4, 4)
        np.testing.assert_allclose(mean, 1.25)

    def test_its_progress_runs_over_all_networks(self, tiny_ensemble: Path) -> None:
        pair = Diagnostician.load("pair", tiny_ensemble)
        told: list[float] = []
        pair.heatmap(phantom_film(5), METHODS["score_cam"], Scale(1.0, (1.0, 1.0), 1), told.append)
        assert told == sorted(told)
        assert 0 < told[0] < 0.5 < told[-1] == 1

    def test_a_scale_checks_itself(self) -> None:
        for full_heat, divisor in ((0.0, 1.0), (1.0, 0.0), (-1.0, 1.0)):
            with pytest.raises(ValueError, match="must be positive"):
                Scale(full_heat, (divisor,), 1)
