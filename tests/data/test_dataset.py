"""From a film to what a network is given, in training and at the reading desk."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from core.data.conditions import CONDITIONS, EXCHANGED, OF_ONE_FILM, PLAIN, seen_under, under
from core.data.dataset import EpochSampler
from core.data.exchange import exchange
from core.data.folder import Record, thin_out
from core.data.labels import CLASSES
from core.data.mixup import mix
from core.imaging.preprocess import FILM_SIZE_PX, resize, squash, stretch_exposure, to_tensor
from tests.support.phantoms import chest_phantom


def film(height: int = 240, width: int = 256, seed: int = 0) -> NDArray[np.float32]:
    """A phantom as a film's pixels: float32 in [0, 1], read-only."""
    pixels = chest_phantom(height, width, seed).astype(np.float32) / 255
    pixels.setflags(write=False)
    return pixels


PICTURES = {
    "phantom": squash(film()),
    "black": torch.zeros(1, FILM_SIZE_PX, FILM_SIZE_PX),
    "white": torch.ones(1, FILM_SIZE_PX, FILM_SIZE_PX),
}


class TestPreprocessing:
    @pytest.mark.parametrize("shape", [(512, 600), (300, 224), (64, 90)])
    def test_squash_is_pillows_antialiased_bilinear(self, shape: tuple[int, int]) -> None:
        pixels = film(*shape)
        theirs = Image.fromarray(pixels).resize((224, 224), Image.Resampling.BILINEAR)
        assert np.abs(squash(pixels)[0].numpy() - np.asarray(theirs)).max() < 1.5 / 255

    def test_a_film_of_the_right_size_is_left_alone(self) -> None:
        pixels = film(224, 224)
        assert np.array_equal(squash(pixels)[0].numpy(), pixels)

    def test_a_film_is_never_written_to(self) -> None:
        for pixels in (film(224, 224), film(224, 224).copy()):
            before = pixels.copy()
            to_tensor(pixels).zero_()
            assert np.array_equal(pixels, before)

    def test_a_film_may_be_mirrored_in_memory(self) -> None:
        mirrored = film(100, 120)[:, ::-1]
        assert torch.equal(to_tensor(mirrored), to_tensor(mirrored.copy()))

    @pytest.mark.parametrize("size_px", [224, 64])
    def test_a_tensor_has_the_networks_size_and_range(self, size_px: int) -> None:
        image = to_tensor(film(), size_px)
        assert image.shape == (1, size_px, size_px)
        assert image.dtype == torch.float32
        assert (image.min(), image.max()) == (0, 1)

    def test_exposure_is_stretched_between_two_percentiles(self) -> None:
        image = torch.linspace(0.2, 0.6, 1001).view(1, 7, 143)
        stretched = stretch_exposure(image)
        low, high = 0.2 + 0.005 * 0.4, 0.2 + 0.995 * 0.4
        by_hand = ((image - low) / (high - low)).clamp(0, 1)
        assert torch.allclose(stretched, by_hand, atol=1e-5)
        assert (stretched == 0).sum() == (stretched == 1).sum() == 6

    @pytest.mark.parametrize(("gain", "shift"), [(0.5, 0.0), (0.3, 0.6), (0.05, 0.1)])
    def test_exposure_makes_no_difference(self, gain: float, shift: float) -> None:
        exposed = (gain * film() + shift).astype(np.float32)
        assert torch.allclose(to_tensor(exposed), to_tensor(film()), atol=1e-4)

    def test_a_film_without_contrast_is_black_and_finite(self) -> None:
        assert to_tensor(np.full((80, 80), 0.7, np.float32)).count_nonzero() == 0

    def test_the_export_in_224_pixels_is_read_like_the_original(self) -> None:
        original = chest_phantom(512, 512)
        small = Image.fromarray(original).resize((224, 224), Image.Resampling.BILINEAR)
        one = to_tensor(original.astype(np.float32) / 255)
        other = to_tensor(np.asarray(small, np.float32) / 255)
        assert (one - other).abs().max() < 0.02
        assert (one - other).abs().mean() < 0.003

    def test_resize_keeps_leading_dimensions(self) -> None:
        assert resize(torch.rand(5, 1, 40, 50), 32).shape == (5, 1, 32, 32)


class TestConditions:
    @pytest.mark.parametrize("condition", OF_ONE_FILM)
    @pytest.mark.parametrize("image", ["phantom", "black", "white"])
    def test_a_film_keeps_shape_and_range(self, condition: str, image: str) -> None:
        seen = under(condition, PICTURES[image], 0)
        assert seen.shape == (1, FILM_SIZE_PX, FILM_SIZE_PX)
        assert seen.dtype == torch.float32
        assert seen.min() >= 0
        assert seen.max() <= 1

    @pytest.mark.parametrize("condition", OF_ONE_FILM)
    def test_a_film_looks_alike_whenever_it_is_seen(self, condition: str) -> None:
        first = under(condition, PICTURES["phantom"], 3)
        torch.manual_seed(5)
        torch.rand(7)
        assert torch.equal(first, under(condition, PICTURES["phantom"], 3))

    def test_plain_is_the_film_itself(self) -> None:
        assert torch.equal(under(PLAIN, PICTURES["phantom"], 0), PICTURES["phantom"])

    @pytest.mark.parametrize("condition", [name for name in OF_ONE_FILM if name != PLAIN])
    def test_every_other_condition_changes_the_film(self, condition: str) -> None:
        before = PICTURES["phantom"].clone()
        seen = under(condition, PICTURES["phantom"], 0)
        assert torch.equal(PICTURES["phantom"], before), "it works on a copy"
        assert (seen - before).abs().mean() > 1e-4

    @pytest.mark.parametrize("condition", ["jpeg", "noisy"])
    def test_what_is_random_differs_from_film_to_film(self, condition: str) -> None:
        one, other = (under(condition, PICTURES["phantom"], index) for index in range(2))
        assert not torch.equal(one, other)

    def test_exchanged_takes_style_from_the_other_class(self) -> None:
        films = torch.stack([PICTURES["phantom"], PICTURES["black"], PICTURES["white"]])
        seen = list(seen_under(EXCHANGED, films, [1, 0, 1], torch.zeros_like(films)))
        assert float(seen[0].mean()) == pytest.approx(0, abs=0.02), "of the only normal film"
        assert float(seen[1].mean()) > 0.2, "of one of the pneumonias"

    def test_every_condition_can_be_seen(self) -> None:
        films = torch.stack([PICTURES["phantom"], 1 - PICTURES["phantom"]])
        for condition in CONDITIONS:
            seen = list(seen_under(condition, films, [0, 1], torch.zeros_like(films)))
            assert len(seen) == 2


class TestExchange:
    PARTNER = squash(film(seed=3)).rot90(1, (1, 2)) ** 2.5

    def test_the_exposure_is_the_partners(self) -> None:
        exchanged = exchange(PICTURES["phantom"], self.PARTNER, share=1.0)
        points = torch.tensor([0.05, 0.25, 0.5, 0.75, 0.95])
        own, wanted = (image.flatten().quantile(points) for image in (exchanged, self.PARTNER))
        assert torch.allclose(own, wanted, atol=0.03)

    def test_the_anatomy_stays_the_films_own(self) -> None:
        exchanged = exchange(PICTURES["phantom"], self.PARTNER, share=1.0)
        fine = [image - resize(resize(image, 16), 224) for image in (exchanged, self.PARTNER)]
        own = PICTURES["phantom"] - resize(resize(PICTURES["phantom"], 16), 224)
        likeness = [torch.corrcoef(torch.stack([own.flatten(), f.flatten()]))[0, 1] for f in fine]
        assert likeness[0] > 0.7
        assert likeness[0] > likeness[1] + 0.3

    def test_its_share_goes_from_the_film_to_the_exchange(self) -> None:
        before = PICTURES["phantom"].clone()
        none, half, whole = (exchange(before, self.PARTNER, share) for share in (0.0, 0.5, 1.0))
        assert torch.equal(none, PICTURES["phantom"])
        assert torch.allclose(half, (none + whole) / 2, atol=1e-6)
        assert torch.equal(before, PICTURES["phantom"]), "it works on a copy"

    @pytest.mark.parametrize("one", PICTURES)
    @pytest.mark.parametrize("other", PICTURES)
    def test_any_two_films_give_one(self, one: str, other: str) -> None:
        exchanged = exchange(PICTURES[one], PICTURES[other], share=1.0)
        assert exchanged.shape == (1, FILM_SIZE_PX, FILM_SIZE_PX)
        assert exchanged.dtype == torch.float32
        assert 0 <= exchanged.min() <= exchanged.max() <= 1


class TestEpochSampler:
    def test_each_epoch_takes_each_film_once_in_an_order_of_its_own(self) -> None:
        sampler = EpochSampler(20, seed=1)
        orders = []
        for epoch in (0, 1):
            sampler.set_epoch(epoch)
            epochs, films = zip(*(divmod(key, 20) for key in sampler), strict=True)
            assert set(epochs) == {epoch}
            assert sorted(films) == list(range(20))
            orders.append(films)
        assert orders[0] != orders[1]
        assert orders[0] != tuple(range(20))

    def test_an_epoch_has_the_same_order_however_it_was_reached(self) -> None:
        resumed, walked = EpochSampler(20, seed=1), EpochSampler(20, seed=1)
        for epoch in range(4):
            walked.set_epoch(epoch)
            list(walked)
        resumed.set_epoch(3)
        assert list(resumed) == list(walked)
        assert list(resumed) != list(EpochSampler(20, seed=2))

    @pytest.mark.parametrize("films", [12, 14])
    def test_processes_share_the_films_without_overlap(self, films: int) -> None:
        hands = [list(EpochSampler(films, seed=1, rank=rank, processes=3)) for rank in range(3)]
        assert [len(hand) for hand in hands] == [4, 4, 4], "equal hands, a rest is left out"
        dealt = [key for hand in hands for key in hand]
        assert len(set(dealt)) == 12
        assert set(dealt) <= set(range(films))
        assert all(len(EpochSampler(films, 1, rank, 3)) == 4 for rank in range(3))

    def test_weights_decide_how_often_a_film_is_drawn(self) -> None:
        weights = torch.tensor([0.0, 1.0, 3.0, 0.0])
        sampler = EpochSampler(4, seed=1, weights=weights)
        drawn: list[int] = []
        for epoch in range(500):
            sampler.set_epoch(epoch)
            drawn += [key % 4 for key in sampler]
        counts = np.bincount(drawn, minlength=4)
        assert counts[[0, 3]].tolist() == [0, 0]
        assert counts[2] / counts.sum() == pytest.approx(0.75, abs=0.03)


class TestMixup:
    images = torch.arange(12.0).view(3, 1, 2, 2)
    targets = torch.tensor([0.0, 1.0, 1.0])

    @pytest.mark.parametrize(
        ("share", "expected"),
        [
            (1.0, lambda images: images),
            (0.0, lambda images: images[[1, 2, 0]]),
            (0.75, lambda images: 0.75 * images + 0.25 * images[[1, 2, 0]]),
        ],
    )
    def test_each_film_is_blended_with_its_partner(
        self, share: float, expected: Callable[[Tensor], Tensor]
    ) -> None:
        images, targets = mix(self.images, self.targets, share, torch.tensor([1, 2, 0]))
        assert torch.allclose(images, expected(self.images))
        assert torch.allclose(targets, expected(self.targets))

    def test_targets_by_hand(self) -> None:
        _, targets = mix(self.images, self.targets, 0.6, torch.tensor([1, 0, 2]))
        assert targets.tolist() == pytest.approx([0.4, 0.6, 1.0])


class TestShareOfPatients:
    RECORDS = tuple(
        Record(f"{label}{number}", split, label, f"{label}{number // 2}", "")
        for label in CLASSES
        for split, numbers in (("train", range(40)), ("validation", range(40, 50)))
        for number in numbers
    )

    def test_whole_patients_of_both_classes_are_kept_and_all_validation_films(self) -> None:
        kept = thin_out(self.RECORDS, 0.1, seed=0)
        for label in CLASSES:
            trained = [
                record for record in kept if (record.split, record.label) == ("train", label)
            ]
            assert len(trained) == 4
            assert len({record.patient for record in trained}) == 2
        assert sum(record.split == "validation" for record in kept) == 20

    def test_a_smaller_share_is_part_of_a_larger_and_seeds_differ(self) -> None:
        few, many = (set(thin_out(self.RECORDS, share, seed=0)) for share in (0.1, 0.5))
        assert few < many < set(self.RECORDS)
        assert thin_out(self.RECORDS, 1.0, seed=0) == self.RECORDS
        assert few != set(thin_out(self.RECORDS, 0.1, seed=1))

    def test_an_epoch_of_few_films_is_as_long_and_never_shows_the_same_image_twice(self) -> None:
        sampler = EpochSampler(4, seed=0, films=10)
        keys = list(sampler)
        sampler.set_epoch(1)
        assert len(sampler) == len(keys) == 10
        assert {key % 4 for key in keys[:4]} == {0, 1, 2, 3}
        assert len({*keys, *sampler}) == 20
