"""A network that reads the lungs alone: what reaches its verdict, and where its heat lands."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from core.data.labels import Verdict
from core.imaging import read_film_file
from core.imaging.framing import whole
from core.imaging.framings import FRAMINGS
from core.imaging.preprocess import squash
from core.inference.evidence import laid_over, read_logits, read_with_evidence, seen_by
from core.inference.explanation_methods import METHODS, Unit, methods_for, silent
from core.inference.explanations import cam, on_one_grid, read_features
from core.inference.heatmap import Heatmap, share_inside
from core.inference.lungs import Located, LungsMap, image_of, joined, lungs_map
from core.inference.model import Diagnostician
from core.inference.second_look import mask_film, steadiness, votes
from core.messages.errors import WeightsDamaged
from core.metrics.logits import sigmoid
from core.models import Network, load_card, load_networks
from core.models.lungs import FoundLungs
from core.models.lungs_pooling import LungsPooledHead
from core.results.model_records import Scale
from tests.inference.test_explanations import phantom_film
from tests.support.drawn_lungs import (
    AROUND,
    LUNG,
    drawn_chest,
    drawn_segmenter,
    film_of,
    lungs_image,
)
from tests.support.sources import REPOSITORY

REAL_FILMS = sorted((REPOSITORY.parent / "shared/data/chest_xray/train").glob("*/*1-0001*.jpeg"))
SIDE_PX = 96
SCALE = Scale(1.0, (1.0,), 1)


@pytest.fixture(scope="module")
def model(lungs_weights: Path) -> Diagnostician:
    """Random weights and the shipped segmenter."""
    return Diagnostician.load("lungs", lungs_weights)


@pytest.fixture(scope="module")
def network(model: Diagnostician) -> Network:
    return model.networks[0]


class Greyness(nn.Module):
    """A map of 12 by 12 places: how much of each is neither dark nor grey."""

    def forward(self, images: Tensor) -> Tensor:
        grey = (images[:, :1] > 0.3) & (images[:, :1] < 0.45)
        return nn.functional.adaptive_avg_pool2d(grey.float(), 12)


@pytest.fixture(scope="module")
def grey(lungs_weights: Path) -> Diagnostician:
    """A model whose evidence is grey in the lungs, and lungs are what is dark."""
    network = Network.__new__(Network)
    nn.Module.__init__(network)
    network.size_px, network.framing = SIDE_PX, "lungs"
    linear = nn.Linear(1, 1)
    linear.weight.data.fill_(1.0)
    linear.bias.data.fill_(-0.25)
    network.features, network.head = Greyness(), LungsPooledHead(linear)
    network.register_buffer("mean", torch.zeros(1, 3, 1, 1))
    network.register_buffer("std", torch.ones(1, 3, 1, 1))
    card = replace(load_card("lungs", lungs_weights), cam_scale=1.0)
    return Diagnostician(card, [network.eval().requires_grad_(False)], drawn_segmenter())


def with_patch(height: int, width: int) -> np.ndarray:
    """A drawn chest with a grey patch in the lower part of the lung on the left."""
    chest = drawn_chest(height, width)
    rows = slice(round(0.55 * height), round(0.7 * height))
    chest[rows, round(0.26 * width) : round(0.38 * width)] = 0.35
    return chest


def without_lungs() -> np.ndarray:
    """A film with nothing but a thin dark line, which is no pair of lungs."""
    film = np.full((300, 300), AROUND, np.float32)
    film[:, 150:154] = LUNG
    return film


def on_canvas(chest: np.ndarray, height: int, width: int, top: int, left: int) -> np.ndarray:
    """A chest on a larger grey film."""
    film = np.full((height, width), AROUND, np.float32)
    film[top : top + chest.shape[0], left : left + chest.shape[1]] = chest
    return film


class TestWhatReachesTheVerdict:
    def test_no_pixel_outside_the_box_does(
        self, model: Diagnostician, random: np.random.Generator
    ) -> None:
        films = torch.from_numpy(random.random((1, 1, 224, 224), dtype=np.float32))
        lungs, found = lungs_image(224), torch.ones(1, dtype=torch.bool)
        located = Located(FoundLungs(films, lungs, whole(1), found), torch.ones(1))
        x, y, width, height = (224 * located.framed("lungs").boxes[0]).tolist()
        inside = torch.zeros(224, 224, dtype=torch.bool)
        rows = slice(int(y - height / 2) - 1, int(y + height / 2) + 2)
        inside[rows, int(x - width / 2) - 1 : int(x + width / 2) + 2] = True
        assert 0.3 < inside.float().mean() < 0.6
        for other in (torch.zeros_like(films), torch.ones_like(films), 1 - films):
            changed = located.with_films(torch.where(inside, films, other))
            assert model.logits_of([changed])[0] == model.logits_of([located])[0]
            probability, evidence, box = read_with_evidence(model.networks, changed, "cam")
            expected = read_with_evidence(model.networks, located, "cam")
            assert (probability, box) == (expected[0], expected[2])
            np.testing.assert_array_equal(evidence, expected[1])
        touched = located.with_films(torch.where(inside, 1 - films, films))
        assert model.logits_of([touched])[0] != model.logits_of([located])[0]

    def test_no_place_of_the_map_outside_the_reach_of_the_lungs_does(
        self, network: Network
    ) -> None:
        maps, lungs = torch.rand(1, 512, 6, 6), lungs_image(SIDE_PX)
        one_each = torch.eye(36).view(36, 1, 6, 6)
        reach = interpolate(one_each, (SIDE_PX, SIDE_PX), mode="bilinear", align_corners=False)
        reaches = ((reach * lungs).sum((1, 2, 3)) > 0).view(6, 6)
        assert 0 < (~reaches).sum() < 36
        changed = torch.where(reaches, maps, 1000 * torch.rand_like(maps))
        assert torch.equal(network.logit(changed, lungs), network.logit(maps, lungs))
        for row, column in torch.nonzero(reaches).tolist():
            touched = maps.clone()
            touched[..., row, column] += 1
            assert not torch.equal(network.logit(touched, lungs), network.logit(maps, lungs))

    def test_the_map_is_the_logit_less_its_bias_averaged_over_the_lungs(
        self, network: Network
    ) -> None:
        maps, lungs = torch.rand(2, 512, 6, 6), lungs_image(SIDE_PX).expand(2, -1, -1, -1)
        places = torch.from_numpy(cam(network, maps))[:, None]
        pixels = interpolate(places, (SIDE_PX, SIDE_PX), mode="bilinear", align_corners=False)
        mean = (pixels * lungs).sum((1, 2, 3)) / lungs.sum((1, 2, 3))
        expected = network.logit(maps, lungs) - network.head.linear.bias
        torch.testing.assert_close(mean, expected)
        summed = network.head.evidence(maps, lungs).sum((1, 2))
        torch.testing.assert_close(summed, expected)

    def test_a_film_reads_the_same_to_the_last_digit_alone_and_among_others(
        self, model: Diagnostician
    ) -> None:
        films = [phantom_film(seed) for seed in range(3)]
        together = model.logits(map(image_of, films))
        located = joined(model.locate(film) for film in films)
        np.testing.assert_array_equal(model.logits_of(located.each()), together)
        for film, logit in zip(films, together, strict=True):
            diagnosis = model.diagnose(film)
            assert diagnosis.probability == float(sigmoid(logit))

    @pytest.mark.parametrize("framing", FRAMINGS)
    def test_every_framing_is_read(self, model: Diagnostician, framing: str) -> None:
        network = model.networks[0]
        other = Network.__new__(Network)
        other.__dict__.update(network.__dict__)
        other.framing = framing
        own = Diagnostician(model.card, [other]).diagnose(phantom_film(1))
        is_whole = own.heatmap.box == (0.5, 0.5, 1.0, 1.0)
        assert is_whole == framing.startswith("film")
        assert 0 < own.probability < 1


class TestEnlarged:
    @pytest.mark.parametrize("size", [(2000, 2000), (2000, 1500)])
    def test_a_large_film_and_its_squash_get_the_same_verdict(
        self, model: Diagnostician, size: tuple[int, int]
    ) -> None:
        """On real films where they are here, and on a drawn one."""
        films = [read_film_file(file) for file in REAL_FILMS[:4]] + [phantom_film(3)]
        for film in films:
            small = squash(film.pixels)
            large = interpolate(small[None], size, mode="bicubic", align_corners=False)
            ours = model.diagnose(film_of(large[0, 0].clamp(0, 1).numpy()))
            theirs = model.diagnose(film_of(small[0].numpy()))
            assert ours.probability == pytest.approx(theirs.probability, abs=0.02)
            assert ours.lungs.shape == size
            heat = np.abs(ours.heatmap.over(224, 224) - theirs.heatmap.over(224, 224))
            assert heat.mean() < 0.05

    def test_the_models_differ_between_films(self, model: Diagnostician) -> None:
        logits = model.logits(image_of(phantom_film(seed)) for seed in range(4))
        assert logits.std() > 1e-3, "or else the test above says nothing"


class TestWhereTheHeatLands:
    FILMS: ClassVar[dict[str, tuple[np.ndarray, tuple[int, int, int, int]]]] = {
        "as it is": (with_patch(400, 300)[48:-48, 12:-12].copy(), (-48, -12, 400, 300)),
        "from closer": (
            on_canvas(with_patch(400, 300), 600, 1200, 150, 700),
            (150, 700, 400, 300),
        ),
    }

    @pytest.mark.parametrize("name", FILMS)
    def test_on_the_grey_patch(self, grey: Diagnostician, name: str) -> None:
        pixels, (top, left, height, width) = self.FILMS[name]
        diagnosis = grey.diagnose(film_of(pixels))
        is_closer = diagnosis.lungs_map.region != (0.5, 0.5, 1.0, 1.0)
        assert is_closer == (name == "from closer")
        heat = diagnosis.heatmap.over(*pixels.shape)
        row, column = np.unravel_index(heat.argmax(), heat.shape)
        assert (row - top) / height == pytest.approx(0.625, abs=0.06)
        assert (column - left) / width == pytest.approx(0.32, abs=0.05)
        assert diagnosis.heat_in_lungs > 0.99

    @pytest.mark.parametrize("name", FILMS)
    def test_the_lungs_lie_on_the_lungs(self, grey: Diagnostician, name: str) -> None:
        pixels, _ = self.FILMS[name]
        diagnosis = grey.diagnose(film_of(pixels))
        expected = pixels < 0.5
        assert diagnosis.lungs_found
        assert diagnosis.lungs.shape == pixels.shape
        assert (diagnosis.lungs == expected).mean() > 0.99
        rows, columns = np.nonzero(expected)
        points = np.concatenate(diagnosis.lungs_map.outline())
        for axis, places, size in ((0, columns, pixels.shape[1]), (1, rows, pixels.shape[0])):
            assert points[:, axis].min() == pytest.approx(places.min() / size, abs=0.01)
            assert points[:, axis].max() == pytest.approx(places.max() / size, abs=0.01)

    def test_heat_ends_at_the_edge_of_the_lungs(self, grey: Diagnostician) -> None:
        pixels, _ = self.FILMS["as it is"]
        diagnosis = grey.diagnose(film_of(pixels))
        heat = diagnosis.heatmap.over(*pixels.shape)
        assert heat[~diagnosis.lungs].max() == 0
        assert heat[diagnosis.lungs].max() > 0.5
        assert share_inside(diagnosis.heatmap, ~diagnosis.lungs) == 0

    def test_a_mirrored_film_has_its_heat_mirrored(self, grey: Diagnostician) -> None:
        pixels, _ = self.FILMS["as it is"]
        ours = grey.diagnose(film_of(pixels))
        theirs = grey.diagnose(film_of(pixels[:, ::-1].copy()))
        assert theirs.probability == pytest.approx(ours.probability, abs=1e-6)
        np.testing.assert_allclose(
            theirs.heatmap.over(200, 150), ours.heatmap.over(200, 150)[:, ::-1], atol=1e-3
        )

    def test_more_lung_is_not_more_heat(self, grey: Diagnostician) -> None:
        """Heat is in logits per whole lung area, whatever the size of the lungs in the film."""
        near = grey.diagnose(film_of(with_patch(400, 400)))
        far = grey.diagnose(film_of(on_canvas(with_patch(400, 400), 500, 500, 50, 50)))
        np.testing.assert_allclose(far.heatmap.hottest, near.heatmap.hottest, rtol=0.1)

    def test_a_hot_place_outside_the_lungs_is_not_drawn(self) -> None:
        lungs = lungs_map_of(drawn_chest(224, 224) == LUNG)
        evidence = np.zeros((4, 4), np.float32)
        evidence[0, 0] = 1.0  # a corner without lung
        heatmap = Heatmap(evidence, 1.0, "cam", lungs=lungs)
        assert heatmap.hottest == heatmap.over(224, 224).max() < 0.5
        assert heatmap.counts[0, 0] == 0 < heatmap.counts[1, 1]

    def test_networks_that_read_different_boxes_share_a_grid_over_both(self) -> None:
        left = np.ones((4, 4), np.float32)
        right = np.full((8, 8), 3, np.float32)
        placed, box = on_one_grid([left, right], [(0.25, 0.5, 0.5, 1.0), (0.75, 0.5, 0.5, 1.0)])
        assert box == (0.5, 0.5, 1.0, 1.0)
        assert [each.shape for each in placed] == [(8, 16), (8, 16)]
        heat = Heatmap(np.mean(placed, axis=0), 1.5, box=box).over(10, 20)
        np.testing.assert_allclose(heat[:, :9], 1 / 3, atol=0.1)
        assert heat[:, 12:].min() > 0.9


def lungs_map_of(mask: np.ndarray) -> LungsMap:
    """A map of lungs over the whole film."""
    return LungsMap(mask.astype(np.uint8) * 255, (0.5, 0.5, 1.0, 1.0), True)


class TestVerdict:
    def test_without_lungs_there_is_none(self, grey: Diagnostician) -> None:
        diagnosis = grey.diagnose(film_of(without_lungs()))
        assert not diagnosis.lungs_found
        assert not diagnosis.lungs.any()
        assert diagnosis.verdict is Verdict.REVIEW
        assert [notice.key for notice in diagnosis.reasons] == ["lungs.reason.none"]
        assert diagnosis.notices == diagnosis.reasons
        assert np.isfinite(diagnosis.probability)
        assert diagnosis.heatmap.hottest == 0

    def test_lungs_cut_off_are_told_and_the_verdict_stays(self, grey: Diagnostician) -> None:
        whole = with_patch(400, 300)
        cut_off = grey.diagnose(film_of(whole[:260].copy()))
        assert [notice.key for notice in cut_off.told] == ["lungs.notice.bases"]
        assert cut_off.reasons == ()
        assert cut_off.verdict == Verdict(cut_off.label)

    def test_what_found_the_lungs_is_among_the_settings(
        self, model: Diagnostician, grey: Diagnostician
    ) -> None:
        ours, theirs = (each.diagnose(phantom_film(1)) for each in (model, grey))
        assert ours.settings["segmenter"] == model.segmenter.card.sha256
        assert ours.settings["segmenter"] != theirs.settings["segmenter"]

    def test_a_card_that_asks_for_a_map_its_network_cannot_give_is_damaged(
        self, model: Diagnostician, tiny_weights: Path
    ) -> None:
        with pytest.raises(WeightsDamaged):
            Diagnostician(replace(model.card, heat_method="grad_cam"), model.networks)
        tiny = load_card("tiny", tiny_weights)
        with pytest.raises(WeightsDamaged):
            Diagnostician(replace(tiny, heat_method="cam"), load_networks(tiny, tiny_weights))


class TestMethods:
    def test_those_that_make_sense_are_offered_the_default_first(self, network: Network) -> None:
        names = [method.name for method in methods_for([network])]
        assert names == ["cam", "layer_cam", "score_cam"]

    def test_the_default_by_choice_is_the_diagnosiss_own(self, model: Diagnostician) -> None:
        film = phantom_film(5)
        own = model.diagnose(film).heatmap
        chosen = model.heatmap(film, METHODS["cam"], model.scale)
        np.testing.assert_allclose(chosen.evidence, own.evidence, atol=1e-5)
        assert (chosen.full_heat, chosen.method, chosen.box) == (own.full_heat, "cam", own.box)
        np.testing.assert_allclose(chosen.over(96, 80), own.over(96, 80), atol=1e-4)

    @pytest.mark.parametrize("name", ["cam", "layer_cam", "score_cam"])
    def test_each_covers_the_box_that_was_read_and_leaves_nothing_behind(
        self, model: Diagnostician, network: Network, name: str
    ) -> None:
        film = phantom_film(5)
        heatmap = model.heatmap(film, METHODS[name], SCALE)
        located = model.locate(film)
        assert heatmap.box == pytest.approx(located.on_film(located.framed("lungs"))[0].tolist())
        assert np.isfinite(heatmap.evidence).all()
        assert 0 <= heatmap.evidence.min() < heatmap.evidence.max()
        hooks = [module._forward_hooks or module._backward_hooks for module in network.modules()]
        assert not any(hooks)

    def test_layer_cam_is_the_positive_slope_times_the_finer_map(
        self, model: Diagnostician, network: Network
    ) -> None:
        seen = seen_by(network, model.locate(phantom_film(5)))
        features = read_features(network, seen.images, seen.lungs)
        finer = features.finer.clone().requires_grad_()
        flow = finer.clone()
        for step in features.rest:
            flow = step(flow)
        (slope,) = torch.autograd.grad(network.logit(flow, seen.lungs).sum(), finer)
        by_hand = (slope.clamp(min=0) * finer).sum(1).clamp(min=0).detach().numpy()
        maps = METHODS["layer_cam"].maps(features, silent)
        np.testing.assert_allclose(maps, by_hand, atol=1e-6)
        assert METHODS["layer_cam"].unit is Unit.LOGITS
        assert laid_over(maps).shape == by_hand.shape[1:]

    @pytest.mark.parametrize("name", ["cam", "score_cam"])
    def test_and_lands_on_the_grey_patch(self, grey: Diagnostician, name: str) -> None:
        pixels, (top, left, height, width) = TestWhereTheHeatLands.FILMS["from closer"]
        heat = grey.heatmap(film_of(pixels), METHODS[name], SCALE)
        lungs = lungs_map(grey.locate(film_of(pixels))).over(*pixels.shape)
        drawn = np.where(lungs, heat.over(*pixels.shape), 0)
        row, column = np.unravel_index(drawn.argmax(), drawn.shape)
        assert (row - top) / height == pytest.approx(0.625, abs=0.1)
        assert (column - left) / width == pytest.approx(0.32, abs=0.1)


class TestSecondLook:
    @pytest.mark.parametrize("name", TestWhereTheHeatLands.FILMS)
    def test_covering_the_hot_places_lowers_the_score(self, grey: Diagnostician, name: str) -> None:
        film = film_of(TestWhereTheHeatLands.FILMS[name][0])
        diagnosis = grey.diagnose(film)
        found = mask_film(grey, film, diagnosis.heatmap)
        assert found.fell
        assert found.hot < found.whole
        assert found.whole == pytest.approx(float(grey.logits([image_of(film)])[0]), abs=1e-6)
        assert len(np.unique(found.elsewhere)) > 1

    def test_its_figures_are_those_of_the_diagnosis(self, grey: Diagnostician) -> None:
        film = film_of(TestWhereTheHeatLands.FILMS["from closer"][0])
        diagnosis = grey.diagnose(film)
        assert steadiness(film, grey).plain == pytest.approx(diagnosis.probability, abs=1e-6)
        (vote,) = votes(film, [grey])
        assert vote.probability == pytest.approx(diagnosis.probability, abs=1e-6)
        assert vote.verdict is diagnosis.verdict

    def test_a_film_without_lungs_has_no_votes_for_a_class(self, grey: Diagnostician) -> None:
        film = film_of(without_lungs())
        assert [vote.verdict for vote in votes(film, [grey])] == [Verdict.REVIEW]
        assert steadiness(film, grey).flips == ()


def test_read_logits_is_the_mean_over_networks(
    model: Diagnostician, make_other: Callable[[], Network]
) -> None:
    other = make_other()
    located = [model.locate(phantom_film(seed)) for seed in range(2)]
    both = read_logits([model.networks[0], other], located)
    each = [read_logits([network], located) for network in (model.networks[0], other)]
    np.testing.assert_allclose(both, np.mean(each, axis=0), atol=1e-6)
    assert not np.allclose(each[0], each[1], atol=1e-4)


@pytest.fixture
def make_other(tiny_weights: Path) -> Callable[[], Network]:
    """A network that reads whole films and is pooled over all places."""
    card = load_card("tiny", tiny_weights)
    return lambda: load_networks(card, tiny_weights)[0]
