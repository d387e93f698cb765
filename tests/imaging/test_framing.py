"""The box round the lungs: found, widened, cut, turned, mirrored, and what each framing reads."""

import math

import pytest
import torch
from torch import Tensor

from core.imaging.framing import (
    MARGIN,
    cut,
    lungs_boxes,
    proportioned,
    stretch,
    whole,
    widened,
    within,
)
from core.imaging.framings import FILM, FRAMINGS, LUNGS, frame

SIDE_PX = 64
TOP, BOTTOM, LEFT, RIGHT = 16, 48, 8, 40


def lungs() -> Tensor:
    """(1, 1, 64, 64): lung in rows 16 to 48 and columns 8 to 40."""
    mask = torch.zeros(1, 1, SIDE_PX, SIDE_PX)
    mask[..., TOP:BOTTOM, LEFT:RIGHT] = 0.9
    return mask


def ramp() -> Tensor:
    """(1, 1, 64, 64): each pixel's own place, from left to right and a little downwards."""
    places = (torch.arange(SIDE_PX) + 0.5) / SIDE_PX
    return (0.75 * places[None] + 0.25 * places[:, None])[None, None]


class TestBoxes:
    def test_the_box_is_that_of_the_mask(self) -> None:
        boxes, found = lungs_boxes(lungs())
        assert found.tolist() == [True]
        assert boxes[0].tolist() == pytest.approx([24 / 64, 32 / 64, 32 / 64, 32 / 64])

    def test_a_speck_far_away_does_not_widen_it(self) -> None:
        mask = lungs()
        mask[..., 60:62, 60:62] = 1.0  # 4 of 1,028 pixels
        assert torch.allclose(lungs_boxes(mask)[0], lungs_boxes(lungs())[0], atol=1 / 64)

    def test_without_lungs_it_is_the_whole_film(self) -> None:
        few = torch.zeros(2, 1, SIDE_PX, SIDE_PX)
        few[1, :, 30:34, 30:34] = 1.0
        boxes, found = lungs_boxes(few)
        assert found.tolist() == [False, False]
        assert torch.equal(boxes, whole(2))

    def test_widening_and_nesting(self) -> None:
        boxes = torch.tensor([[0.5, 0.4, 0.2, 0.4]])
        assert widened(boxes, 2).tolist()[0] == pytest.approx([0.5, 0.4, 0.4, 0.8])
        outer = torch.tensor([[0.5, 0.5, 0.5, 0.5]])
        assert within(whole(1), outer).tolist()[0] == pytest.approx([0.5, 0.5, 0.5, 0.5])
        inner = torch.tensor([[0.25, 0.5, 0.5, 1.0]])
        assert within(inner, outer).tolist()[0] == pytest.approx([0.375, 0.5, 0.25, 0.5])

    def test_a_proportioned_box_is_square_on_the_film_as_it_was(self) -> None:
        boxes = torch.tensor([[0.5, 0.5, 0.6, 0.6], [0.5, 0.5, 0.2, 0.8]])
        wide = torch.tensor([1.5, 1.5])
        squares = proportioned(boxes, wide)
        assert torch.allclose(squares[:, 2] * wide, squares[:, 3])
        assert squares[0].tolist() == pytest.approx([0.5, 0.5, 0.6, 0.9])
        assert squares[1].tolist() == pytest.approx([0.5, 0.5, 0.8 / 1.5, 0.8])
        assert (squares[:, 2:] >= boxes[:, 2:] - 1e-6).all(), "it only grows"


class TestCut:
    box = torch.tensor([[24 / 64, 32 / 64, 32 / 64, 32 / 64]])

    def test_a_known_box_is_cut_to_the_pixel(self) -> None:
        square = cut(ramp(), self.box, 32)
        assert torch.allclose(square, ramp()[..., TOP:BOTTOM, LEFT:RIGHT], atol=1e-5)

    def test_it_is_resampled_bilinearly(self) -> None:
        square = cut(ramp(), self.box, 16)
        part = ramp()[..., TOP:BOTTOM, LEFT:RIGHT]
        averaged = torch.nn.functional.avg_pool2d(part, 2)
        assert torch.allclose(square, averaged, atol=1e-5)

    def test_mirrored_is_the_cut_from_right_to_left(self) -> None:
        plain = cut(ramp(), self.box, 32)
        mirrored = cut(ramp(), self.box, 32, mirrored=torch.tensor([True]))
        assert torch.allclose(mirrored, plain.flip(-1), atol=1e-5)
        assert torch.equal(cut(ramp(), self.box, 32, mirrored=torch.tensor([False])), plain)

    @pytest.mark.parametrize(("quarters", "turns"), [(1, -1), (2, 2), (3, 1)])
    def test_turned_by_a_right_angle_is_rot90(self, quarters: int, turns: int) -> None:
        angle = torch.tensor([quarters * math.pi / 2])
        plain = cut(ramp(), self.box, 32)
        turned = cut(ramp(), self.box, 32, angles=angle)
        assert torch.allclose(turned, plain.rot90(-turns, (-2, -1)), atol=1e-4) or torch.allclose(
            turned, plain.rot90(turns, (-2, -1)), atol=1e-4
        )

    def test_beyond_the_edge_the_last_pixels_go_on(self) -> None:
        film = torch.full((1, 1, 32, 32), 0.25)
        square = cut(film, torch.tensor([[0.0, 0.0, 1.0, 1.0]]), 32)
        assert torch.allclose(square, torch.full_like(square, 0.25))

    def test_what_lies_outside_the_box_has_no_influence(self) -> None:
        other = torch.rand(1, 1, SIDE_PX, SIDE_PX)
        other[..., TOP - 1 : BOTTOM + 1, LEFT - 1 : RIGHT + 1] = ramp()[
            ..., TOP - 1 : BOTTOM + 1, LEFT - 1 : RIGHT + 1
        ]
        assert torch.equal(cut(other, self.box, 24), cut(ramp(), self.box, 24))


class TestStretch:
    def test_exposure_makes_no_difference(self) -> None:
        film = torch.rand(2, 1, 32, 32)
        assert torch.allclose(stretch(film), stretch(0.3 * film + 0.5), atol=1e-4)

    def test_an_image_without_contrast_is_black(self) -> None:
        assert stretch(torch.full((1, 1, 8, 8), 0.7)).count_nonzero() == 0


class TestFramings:
    @pytest.mark.parametrize("framing", FRAMINGS)
    def test_each_gives_films_lungs_and_boxes(self, framing: str) -> None:
        films = torch.rand(3, 1, SIDE_PX, SIDE_PX)
        framed = frame(framing, films, lungs().expand(3, -1, -1, -1), torch.tensor([1.0, 1.4, 0.8]))
        assert framed.films.shape == framed.lungs.shape == films.shape
        assert framed.boxes.shape == (3, 4)
        assert (framed.boxes[:, 2:] > 0).all()

    def test_the_film_is_whole_and_the_box_has_its_margin(self) -> None:
        films, ones = torch.rand(1, 1, SIDE_PX, SIDE_PX), torch.ones(1)
        assert torch.equal(frame(FILM, films, lungs(), ones).boxes, whole(1))
        boxes = frame(LUNGS, films, lungs(), ones).boxes
        assert torch.equal(boxes, widened(lungs_boxes(lungs())[0], MARGIN))

    def test_the_outside_is_dark_and_the_lungs_are_not(self) -> None:
        films = torch.ones(1, 1, SIDE_PX, SIDE_PX)
        dark = frame("lungs_dark", films, lungs(), torch.ones(1)).films[0, 0]
        assert dark[TOP:BOTTOM, LEFT:RIGHT].min() == 1
        assert dark[:, 50:].max() == 0

    def test_marks_outside_the_box_are_blurred_and_the_box_is_not(self) -> None:
        films = torch.zeros(1, 1, SIDE_PX, SIDE_PX)
        films[..., 2:4, 60:62] = 1
        films[..., 30:32, 20:22] = 1
        seen = frame("film_unmarked", films, lungs(), torch.ones(1)).films[0, 0]
        assert seen[2:4, 60:62].max() < 0.1
        assert seen[30:32, 20:22].min() == 1

    def test_another_name_is_refused(self) -> None:
        with pytest.raises(ValueError, match="framing"):
            frame("ribs", torch.rand(1, 1, 8, 8), torch.rand(1, 1, 8, 8), torch.ones(1))
