"""Heatmaps: what they add up to, whose they are, and what they leave behind."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.data.batches import in_batches
from core.data.labels import Label, Verdict
from core.imaging import Film, FilmFacts
from core.imaging.preprocess import squash
from core.inference.diagnosis import Diagnosis, label_at, verdict_of
from core.inference.evidence import read_logits
from core.inference.explanations import grad_cam, mean_evidence
from core.inference.heatmap import Heatmap
from core.inference.lungs import shared_segmenter
from core.inference.model import Diagnostician
from core.inference.overlay import film_picture, fitted, overlay_picture
from core.inference.read import inputs
from core.models import ModelSpec, Network, build_network
from tests.support.phantoms import chest_phantom


def phantom_film(seed: int) -> Film:
    pixels = chest_phantom(96, 80, seed).astype(np.float32) / 255
    return Film(pixels, f"{seed:064x}", FilmFacts("PNG", width_px=80, height_px=96, bits=8))


@pytest.fixture(scope="module")
def diagnostician(tiny_weights: Path) -> Diagnostician:
    return Diagnostician.load("tiny", tiny_weights)


def maps_of(network: Network, films: int = 2) -> Tensor:
    with torch.no_grad():
        return network.feature_map(torch.rand(films, 1, 64, 64))


class TestGradCam:
    @pytest.mark.parametrize("name", ["resnet18", "convnext_tiny", "vit_small"])
    def test_a_map_a_film_at_the_networks_resolution(self, name: str) -> None:
        network = build_network(name, 64).eval().requires_grad_(False)
        maps = maps_of(network)
        evidence = grad_cam(network, maps)
        assert evidence.shape == (2, *maps.shape[2:])
        assert evidence.dtype == np.float32
        assert (evidence >= 0).all()
        assert np.isfinite(evidence).all()

    def test_evidence_is_the_channels_weighed_by_the_head(
        self, diagnostician: Diagnostician
    ) -> None:
        (network,) = diagnostician.networks
        maps = maps_of(network)
        last = network.head[-1]
        assert isinstance(last, nn.Linear)
        places = maps.shape[2] * maps.shape[3]
        by_hand = torch.einsum("c,bchw->bhw", last.weight[0], maps) / places
        evidence = grad_cam(network, maps)
        assert np.allclose(evidence, by_hand.clamp(min=0), atol=1e-6)
        # Unclipped, the map is the logit less its bias, place by place.
        logits = by_hand.sum(dim=(1, 2)) + last.bias
        assert torch.allclose(logits, network.logit(maps), atol=1e-5)

    def test_behind_a_bent_head_evidence_follows_the_gradient(self) -> None:
        head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)
        )
        spec = ModelSpec("bent", "", lambda *_: (nn.Conv2d(3, 4, 8, stride=8), head), "", "")
        network = Network(spec, 64).eval().requires_grad_(False)
        maps = maps_of(network).requires_grad_()
        (slope,) = torch.autograd.grad(network.logit(maps).sum(), maps)
        by_hand = (slope.mean(dim=(2, 3), keepdim=True) * maps).sum(dim=1).clamp(min=0)
        assert np.allclose(grad_cam(network, maps), by_hand.detach(), atol=1e-6)
        assert by_hand.max() > 0

    def test_films_of_one_batch_do_not_mix(self, diagnostician: Diagnostician) -> None:
        (network,) = diagnostician.networks
        maps = maps_of(network, films=3)
        together = grad_cam(network, maps)
        for index in range(3):
            alone = grad_cam(network, maps[index : index + 1])[0]
            assert np.allclose(together[index], alone, atol=1e-7)

    def test_a_head_against_pneumonia_gives_no_evidence(self) -> None:
        network = build_network("resnet18", 64).eval().requires_grad_(False)
        network.head[-1].weight.fill_(-1.0)
        assert grad_cam(network, maps_of(network)).max() == 0


class TestSharedNetwork:
    def test_two_threads_see_what_one_sees(self, diagnostician: Diagnostician) -> None:
        films = [phantom_film(seed) for seed in range(4)]
        alone = [diagnostician.diagnose(film) for film in films]
        assert len({diagnosis.probability for diagnosis in alone}) == 4, "four different films"
        with ThreadPoolExecutor(2) as threads:
            together = list(threads.map(diagnostician.diagnose, films * 4))
        for index, diagnosis in enumerate(together):
            expected = alone[index % 4]
            assert diagnosis.film_sha256 == expected.film_sha256
            assert diagnosis.probability == expected.probability
            assert np.array_equal(diagnosis.heatmap.evidence, expected.heatmap.evidence)

    def test_nothing_stays_on_the_network(self, diagnostician: Diagnostician) -> None:
        (network,) = diagnostician.networks
        before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        diagnostician.diagnose(phantom_film(0))
        for module in network.modules():
            hooks = (
                module._forward_hooks,
                module._forward_pre_hooks,
                module._backward_hooks,
                module._backward_pre_hooks,
            )
            assert not any(hooks), module
            assert not module.training
        for name, parameter in network.named_parameters():
            assert parameter.grad is None, name
            assert not parameter.requires_grad, name
        for name, tensor in network.state_dict().items():
            assert torch.equal(tensor, before[name]), name

    def test_hooks_go_even_where_the_head_fails(self, diagnostician: Diagnostician) -> None:
        (network,) = diagnostician.networks
        with pytest.raises(RuntimeError):
            grad_cam(network, torch.rand(1, 3, 2, 2))
        assert not any(module._forward_hooks for module in network.modules())
        diagnostician.diagnose(phantom_film(0))


class TestDiagnosis:
    def test_it_is_bound_to_film_and_weights(self, diagnostician: Diagnostician) -> None:
        film = phantom_film(1)
        diagnosis = diagnostician.diagnose(film)
        card = diagnostician.card
        assert diagnosis.film_sha256 == film.sha256
        assert diagnosis.weights_sha256 == card.sha256
        assert diagnosis.threshold == card.threshold
        assert diagnosis.heatmap.full_heat == card.cam_scale

    def test_its_probability_is_the_networks_at_the_cards_temperature(
        self, diagnostician: Diagnostician
    ) -> None:
        film = phantom_film(1)
        diagnosis: Diagnosis = diagnostician.diagnose(film)
        (network,) = diagnostician.networks
        with torch.no_grad():
            image, _ = inputs(diagnostician.locate(film).framed(network.framing), 64)
            logit = float(network(torch.cat((image, image.flip(-1)))).mean())
        assert diagnosis.probability == pytest.approx(1 / (1 + np.exp(-logit / 2)), abs=1e-6)
        assert diagnosis.label == label_at(diagnosis.probability, 0.5)
        calibrated = diagnostician.logits([squash(film.pixels)])
        assert calibrated[0] == pytest.approx(logit / 2, abs=1e-5)

    def test_a_mirrored_film_reads_the_same_and_its_heatmap_is_mirrored(
        self, diagnostician: Diagnostician
    ) -> None:
        film = phantom_film(1)
        mirrored = replace(film, pixels=film.pixels[:, ::-1].copy())
        ours, theirs = diagnostician.diagnose(film), diagnostician.diagnose(mirrored)
        assert theirs.probability == pytest.approx(ours.probability, abs=1e-6)
        assert not np.allclose(ours.heatmap.evidence, ours.heatmap.evidence[:, ::-1], atol=1e-5)
        np.testing.assert_allclose(
            theirs.heatmap.evidence, ours.heatmap.evidence[:, ::-1], atol=1e-5
        )

    def test_a_probability_on_the_threshold_is_pneumonia(self) -> None:
        assert label_at(0.3, 0.3) == Label.PNEUMONIA
        assert label_at(np.nextafter(0.3, 0), 0.3) == Label.NORMAL

    @pytest.mark.parametrize(
        ("probability", "told"),
        [
            (np.nextafter(0.2, 0), Verdict.NORMAL),
            (0.2, Verdict.REVIEW),
            (0.5, Verdict.REVIEW),
            (np.nextafter(0.7, 0), Verdict.REVIEW),
            (0.7, Verdict.PNEUMONIA),
        ],
    )
    def test_the_review_band_holds_its_lower_edge_and_not_its_upper(
        self, diagnostician: Diagnostician, probability: float, told: Verdict
    ) -> None:
        card = replace(diagnostician.card, review_low=0.2, review_high=0.7)
        assert verdict_of(probability, card) is told

    def test_an_empty_band_reviews_nothing(self, diagnostician: Diagnostician) -> None:
        for probability in (0.0, np.nextafter(0.5, 0), 0.5, 1.0):
            told = verdict_of(probability, diagnostician.card)
            assert told == label_at(probability, 0.5)

    def test_a_film_under_review_keeps_its_label(self, diagnostician: Diagnostician) -> None:
        card = replace(diagnostician.card, review_low=0.0, review_high=1.0)
        diagnosis = Diagnostician(card, diagnostician.networks).diagnose(phantom_film(1))
        assert diagnosis.verdict is Verdict.REVIEW
        assert diagnosis.label == label_at(diagnosis.probability, 0.5)
        assert diagnosis.review == (0.0, 1.0)

    def test_logits_do_not_depend_on_the_batch(self, diagnostician: Diagnostician) -> None:
        films = [squash(phantom_film(seed).pixels) for seed in range(18)]
        together = diagnostician.logits(films)
        assert together.shape == (18,)
        for index in (0, 16, 17):
            alone = diagnostician.logits(films[index : index + 1])
            assert together[index] == pytest.approx(alone[0], abs=1e-5)

    def test_no_films_give_no_logits(self, diagnostician: Diagnostician) -> None:
        assert diagnostician.logits([]).shape == (0,)

    def test_batches_keep_the_order_and_leave_nothing_out(self) -> None:
        assert list(in_batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
        assert list(in_batches([], 2)) == []


class TestEnsemble:
    @pytest.fixture
    def pair(self, tiny_ensemble: Path) -> Diagnostician:
        return Diagnostician.load("pair", tiny_ensemble)

    @pytest.fixture
    def members(self, tiny_ensemble: Path) -> list[Diagnostician]:
        return [Diagnostician.load(name, tiny_ensemble) for name in ("tiny", "large")]

    def test_its_logit_is_the_mean_of_its_members_before_one_temperature(
        self, pair: Diagnostician, members: list[Diagnostician]
    ) -> None:
        films = [squash(phantom_film(seed).pixels) for seed in range(3)]
        raw = [read_logits(member.networks, shared_segmenter().each(films)) for member in members]
        assert not np.allclose(raw[0], raw[1], atol=1e-3), "the members differ"
        by_hand = (raw[0] + raw[1]) / 2 / 1.5
        assert np.allclose(pair.logits(films), by_hand, atol=1e-6)
        for film, logit in zip(range(3), by_hand, strict=True):
            probability = pair.diagnose(phantom_film(film)).probability
            assert probability == pytest.approx(1 / (1 + np.exp(-logit)), abs=1e-6)

    def test_its_heatmap_is_the_mean_evidence_on_the_finest_grid(
        self, pair: Diagnostician, members: list[Diagnostician]
    ) -> None:
        film = phantom_film(2)
        coarse, fine = (member.diagnose(film).heatmap.evidence for member in members)
        assert (coarse.shape, fine.shape) == ((2, 2), (3, 3))
        found = pair.diagnose(film).heatmap.evidence
        assert np.allclose(found, mean_evidence([coarse[None], fine[None]])[0], atol=1e-7)
        corners = np.ix_([0, -1], [0, -1])
        assert np.allclose(found[corners], (coarse + fine[corners]) / 2, atol=1e-7)

    def test_maps_of_one_grid_are_averaged_place_by_place(
        self, random: np.random.Generator
    ) -> None:
        maps = [random.random((2, 3, 4), dtype=np.float32) for _ in range(3)]
        assert np.allclose(mean_evidence(maps), sum(maps) / 3, atol=1e-7)
        assert np.array_equal(mean_evidence(maps[:1]), maps[0]), "one map stays as it is"


class TestHeatmap:
    def test_heat_is_the_evidence_as_a_share_of_full_heat(self) -> None:
        heatmap = Heatmap(np.array([[0.0, 1.0], [2.0, 9.0]], np.float32), full_heat=4.0)
        assert heatmap.heat_01.tolist() == [[0.0, 0.25], [0.5, 1.0]]

    def test_a_calm_film_stays_calm(self) -> None:
        calm = Heatmap(np.full((7, 7), 0.01, np.float32), full_heat=1.0)
        assert calm.over(70, 70).max() == pytest.approx(0.01), "no stretching to the hottest spot"

    def test_it_lies_over_the_film_at_the_films_size(self) -> None:
        evidence = np.zeros((4, 4), np.float32)
        evidence[0, 3] = 5.0
        heat = Heatmap(evidence, full_heat=1.0).over(120, 200)
        assert heat.shape == (120, 200)
        assert heat.dtype == np.float32
        assert (heat.min(), heat.max()) == (0, 1), "bicubic overshoot is clipped"
        assert heat[10, 190] == 1
        assert heat[110, 10] == 0

    @pytest.mark.parametrize(
        ("evidence", "full_heat", "told"),
        [
            (np.zeros((1, 2, 2), np.float32), 1.0, r"shape \(h, w\), not \(1, 2, 2\)"),
            (np.zeros((2, 2), np.float32), 0.0, "full_heat must be positive"),
        ],
    )
    def test_it_checks_itself(self, evidence: np.ndarray, full_heat: float, told: str) -> None:
        with pytest.raises(ValueError, match=told):
            Heatmap(evidence, full_heat)


def half_hot() -> Heatmap:
    evidence = np.zeros((8, 8), np.float32)
    evidence[:, 6:] = 1.0
    return Heatmap(evidence, full_heat=1.0)


class TestOverlay:
    film = chest_phantom(64, 64).astype(np.float32) / 255

    def test_the_film_is_untouched_where_there_is_no_heat(self) -> None:
        picture = overlay_picture(self.film, half_hot(), opacity=1.0)
        gray = np.repeat(film_picture(self.film)[..., None], 3, axis=2)
        cold = half_hot().over(64, 64) == 0
        assert cold.mean() > 0.5
        assert np.array_equal(picture[cold], gray[cold])
        assert not np.array_equal(picture[:, 56:], gray[:, 56:])

    def test_the_film_is_untouched_at_opacity_zero(self) -> None:
        picture = overlay_picture(self.film, half_hot(), opacity=0.0)
        assert np.array_equal(picture, np.repeat(film_picture(self.film)[..., None], 3, axis=2))

    def test_full_heat_at_full_opacity_hides_the_film(self) -> None:
        picture = overlay_picture(self.film, half_hot(), opacity=1.0)
        assert len(np.unique(picture[:, 60:].reshape(-1, 3), axis=0)) == 1

    def test_more_opacity_is_more_colour(self) -> None:
        def colour(opacity: float) -> float:
            picture = overlay_picture(self.film, half_hot(), opacity).astype(int)
            return float((picture.max(axis=2) - picture.min(axis=2)).mean())

        assert 0 == colour(0.0) < colour(0.3) < colour(0.8)

    @pytest.mark.parametrize("opacity", [-0.1, 1.1, float("nan")])
    def test_an_opacity_outside_the_unit_interval_is_refused(self, opacity: float) -> None:
        with pytest.raises(ValueError, match="opacity must lie between 0 and 1"):
            overlay_picture(self.film, half_hot(), opacity)


def overlay_in_full(film: np.ndarray) -> np.ndarray:
    return overlay_picture(film, half_hot(), opacity=1.0)


@pytest.mark.parametrize("picture", [film_picture, overlay_in_full])
def test_pictures_are_bytes_of_the_films_size(picture: Callable[[np.ndarray], np.ndarray]) -> None:
    drawn = picture(np.linspace(0, 1, 64 * 96, dtype=np.float32).reshape(64, 96))
    assert drawn.dtype == np.uint8
    assert drawn.shape[:2] == (64, 96)
    assert drawn[0, 0].max() == 0


class TestFitted:
    def test_a_large_film_keeps_its_aspect_ratio(self, random: np.random.Generator) -> None:
        film = random.random((900, 600), dtype=np.float32)
        shown = fitted(film, 300)
        assert shown.shape == (300, 200)
        assert shown.dtype == np.float32
        assert shown.mean() == pytest.approx(film.mean(), abs=0.01)

    def test_a_small_film_is_left_as_it_is(self, random: np.random.Generator) -> None:
        film = random.random((60, 50), dtype=np.float32)
        assert fitted(film, 300) is film
