"""Augmentation of whole batches: the same from the same seed, in range, and the lungs go along."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from core.data import batch_steps as steps
from core.data.augmentation import PARTS, Augmentation, is_policy, parts_of
from core.data.draw import Draw
from core.imaging.framing import cut, stretch, whole
from core.imaging.jpeg_round_trip import jpeg_round_trip
from core.imaging.preprocess import FILM_SIZE_PX, resize
from tests.support.phantoms import chest_phantom

SIDE_PX = 48


def films(count: int = 6) -> Tensor:
    """Phantoms of different exposure, (B, 1, 64, 64), in [0, 1]."""
    drawn = [chest_phantom(64, 64, seed).astype(np.float32) / 255 for seed in range(count)]
    exposures = torch.linspace(0.6, 1.8, count).view(-1, 1, 1, 1)
    return torch.from_numpy(np.stack(drawn))[:, None] ** exposures


BATCHES = {
    "phantoms": films(),
    "black": torch.zeros(4, 1, 64, 64),
    "white": torch.ones(4, 1, 64, 64),
}


def draw(seed: int = 0) -> Draw:
    return Draw(seed, torch.device("cpu"))


def augmented(policy: str, seed: int = 0, images: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """A batch whose lungs are where it is bright."""
    seen = films() if images is None else images
    return Augmentation(policy, SIDE_PX)(seen, seen, whole(len(seen)), draw(seed))


class TestPolicies:
    @pytest.mark.parametrize("policy", ["none", *PARTS, "all", "all-crop", "flip+noise"])
    @pytest.mark.parametrize("batch", BATCHES)
    def test_a_policy_gives_finite_images_of_the_asked_size_in_range(
        self, policy: str, batch: str
    ) -> None:
        for seed in range(4):
            images, lungs = augmented(policy, seed, BATCHES[batch])
            assert images.shape == lungs.shape == (len(BATCHES[batch]), 1, SIDE_PX, SIDE_PX)
            assert images.dtype == torch.float32
            assert images.isfinite().all()
            assert 0 <= images.min() <= images.max() <= 1
            assert -1e-6 <= lungs.min() <= lungs.max() <= 1 + 1e-6

    @pytest.mark.parametrize("policy", ["none", *PARTS, "all"])
    def test_the_same_seed_gives_the_same_images_whatever_was_drawn_before(
        self, policy: str
    ) -> None:
        first = augmented(policy, 3)
        torch.manual_seed(9)
        np.random.default_rng(9).random()
        assert all(map(torch.equal, first, augmented(policy, 3)))

    def test_drawing_leaves_the_random_numbers_of_others_alone(self) -> None:
        torch.manual_seed(5)
        expected = torch.rand(3)
        torch.manual_seed(5)
        augmented("all")
        assert torch.equal(torch.rand(3), expected)

    def test_none_only_resamples_and_stretches(self) -> None:
        images, lungs = augmented("none")
        plain = cut(films(), whole(6), SIDE_PX)
        assert torch.equal(images, stretch(plain))
        assert torch.equal(lungs, plain)

    @pytest.mark.parametrize("part", PARTS)
    def test_every_part_changes_films_and_each_seed_does_so_in_its_own_way(self, part: str) -> None:
        plain = augmented("none")[0]
        changed = [augmented(part, seed)[0] for seed in range(4)]
        assert any((images - plain).abs().mean() > 1e-3 for images in changed)
        assert not all(torch.equal(changed[0], images) for images in changed[1:])

    def test_all_but_one_has_every_other_part(self) -> None:
        assert set(parts_of("all")) - set(parts_of("all-crop")) == {"crop"}
        assert parts_of("all") == frozenset(PARTS)
        assert parts_of("none") == frozenset()

    @pytest.mark.parametrize("name", ["wild", "all-wild", "flip+wild", "all+flip", ""])
    def test_an_unknown_part_is_a_key_error(self, name: str) -> None:
        with pytest.raises(KeyError):
            parts_of(name)
        assert not is_policy(name)


class TestGeometry:
    @pytest.mark.parametrize("policy", ["crop", "rotation", "flip", "crop+rotation+flip"])
    def test_the_lungs_go_where_the_film_goes(self, policy: str) -> None:
        for seed in range(4):
            images, lungs = augmented(policy, seed)
            assert torch.equal(images, stretch(lungs)), "lungs and film were the same picture"

    @pytest.mark.parametrize(
        "policy", ["+".join(sorted(set(PARTS) - {"crop", "rotation", "flip"}))]
    )
    def test_what_happens_to_grey_values_leaves_the_lungs_alone(self, policy: str) -> None:
        assert torch.equal(augmented(policy, 1)[1], augmented("none")[1])

    def test_crops_have_an_area_between_the_least_and_the_most(self) -> None:
        augment = Augmentation("crop", SIDE_PX, least_crop=0.3, most_crop=1.2)
        boxes = torch.tensor([0.5, 0.5, 0.6, 0.4]).repeat(500, 1)
        crops = augment._crops(boxes, draw())
        areas = crops[:, 2] * crops[:, 3] / (0.6 * 0.4)
        assert 0.3 <= areas.min() < 0.35
        assert 1.15 < areas.max() <= 1.2 + 1e-6
        inside = (areas < 0.6) & (crops[:, 2] < 0.6) & (crops[:, 3] < 0.4)
        left, right = crops[:, 0] - crops[:, 2] / 2, crops[:, 0] + crops[:, 2] / 2
        assert (left[inside] > 0.2 - 0.025).all(), "a small crop lies in its box, or nearly"
        assert (right[inside] < 0.8 + 0.025).all()


class TestSteps:
    def test_a_bent_grey_scale_keeps_the_order_of_greys_and_its_ends(self) -> None:
        greys = torch.linspace(0, 1, 101).view(1, 1, 1, 101).repeat(8, 1, 1, 1)
        bent = steps.bent(greys, draw(), 8).flatten(1)
        assert (bent.diff(dim=1) > 0).all()
        assert torch.allclose(bent[:, [0, -1]], torch.tensor([0.0, 1.0]))

    def test_a_histogram_is_taken_over_and_the_order_of_greys_stays(self) -> None:
        own, others = films(2), films(4)[2:] ** 2.5
        exchanged = steps.with_histogram_of(others, own)
        points = torch.tensor([0.05, 0.25, 0.5, 0.75, 0.95])
        for one, other in zip(exchanged, others, strict=True):
            assert torch.allclose(
                one.flatten().quantile(points), other.flatten().quantile(points), atol=0.03
            )
        order = own[0].flatten().argsort()
        assert (exchanged[0].flatten()[order].diff() >= -1 / 255).all()

    def test_an_exchange_takes_greys_from_films_of_the_batch_alone(self) -> None:
        batch = torch.cat([films(3), films(3)])
        assert torch.equal(steps.exchanged(batch[:1], draw()), batch[:1]) or torch.allclose(
            steps.exchanged(batch[:1], draw()), batch[:1], atol=1 / 255
        )

    @pytest.mark.parametrize("quality", [20, 50, 80])
    def test_jpeg_is_near_what_an_encoder_leaves(self, quality: int) -> None:
        film = films(1)
        ours = steps.jpeg(film, torch.tensor([float(quality)]))[0]
        theirs = jpeg_round_trip(film[0], quality)
        assert (ours - theirs).abs().mean() < 0.2 * (theirs - film[0]).abs().mean() + 1 / 255

    def test_a_worse_quality_loses_more(self) -> None:
        film = films(1)
        lost = [
            float((steps.jpeg(film, torch.tensor([quality])) - film).abs().mean())
            for quality in (10.0, 40.0, 90.0)
        ]
        assert lost == sorted(lost, reverse=True)

    def test_jpeg_takes_sides_that_are_no_multiple_of_its_blocks(self) -> None:
        assert steps.jpeg(torch.rand(2, 1, 45, 51), torch.tensor([50.0, 50.0])).shape[-2:] == (
            45,
            51,
        )

    def test_noise_and_shading_have_the_asked_strength(self) -> None:
        grey = torch.full((32, 1, 64, 64), 0.5)
        assert float(steps.noisy(grey, draw(), 0.03).std()) == pytest.approx(0.03, abs=0.003)
        shaded = steps.shaded(grey, draw(), 0.15)
        rough = (shaded[..., 1:] - shaded[..., :-1]).abs().mean()
        assert 0.02 < float(shaded.std()) < 0.15
        assert rough < 0.01, "it is smooth"

    def test_a_patch_is_one_grey_and_the_rest_stays(self) -> None:
        images = films()
        covered = steps.erased(images, draw(), 1.0, 0.1, 0.4)
        for before, after in zip(images, covered, strict=True):
            changed = after != before
            assert after[changed].unique().numel() <= 1
            assert 0 < changed.float().mean() <= 0.4**2 + 0.02

    def test_a_blur_and_a_coarser_export_take_detail_away(self) -> None:
        images = films()
        for step in (
            lambda: steps.blurred(images, draw(), 0.8, 1.5),
            lambda: steps.resampled(images, draw(), 0.35),
        ):
            changed = step()
            assert changed.diff(dim=-1).abs().mean() < images.diff(dim=-1).abs().mean()
            assert (changed.mean() - images.mean()).abs() < 0.01

    def test_gamma_keeps_black_white_and_order(self) -> None:
        greys = torch.linspace(0, 1, 101).view(1, 1, 1, 101).repeat(8, 1, 1, 1)
        raised = steps.gamma(greys, draw(), 2.2)
        assert (raised.flatten(1).diff(dim=1) >= 0).all()
        assert torch.allclose(raised[..., -1], torch.ones(1))
        assert raised[..., 0].max() < 0.02


class TestDraw:
    def test_each_seed_has_its_own_numbers(self) -> None:
        assert torch.equal(draw(1).between(9, 0, 1), draw(1).between(9, 0, 1))
        assert not torch.equal(draw(1).between(9, 0, 1), draw(2).between(9, 0, 1))
        assert draw(1).one_beta(0.4) == draw(1).one_beta(0.4) != draw(2).one_beta(0.4)

    def test_bounds_and_chances_hold(self) -> None:
        drawn = draw().between(4000, -2, 3)
        assert (drawn >= -2).all()
        assert (drawn < 3).all()
        assert float(drawn.mean()) == pytest.approx(0.5, abs=0.1)
        assert float(draw().chance(4000, 0.3).float().mean()) == pytest.approx(0.3, abs=0.03)
        assert sorted(draw().order(20).tolist()) == list(range(20))

    def test_sometimes_changes_whole_images(self) -> None:
        seen = draw().sometimes(0.5, torch.ones(200, 1, 2, 2), torch.zeros(200, 1, 2, 2))
        shares = seen.mean((1, 2, 3))
        assert set(shares.tolist()) == {0.0, 1.0}
        assert float(shares.mean()) == pytest.approx(0.5, abs=0.12)


def test_pillow_and_the_one_preprocessing_agree_on_size() -> None:
    """The films above are small; the steps see 224 pixels in training too."""
    film = Image.fromarray(chest_phantom(FILM_SIZE_PX, FILM_SIZE_PX))
    pixels = torch.from_numpy(np.asarray(film, np.float32) / 255)[None, None]
    assert augmented("all", 0, pixels)[0].shape == (1, 1, SIDE_PX, SIDE_PX)
    assert resize(pixels, SIDE_PX).shape[-1] == SIDE_PX
