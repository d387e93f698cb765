"""Plain borders: what is cut, and what stays."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import pad

from core.imaging.borders import without_borders

HEIGHT, WIDTH = 40, 60


def film() -> Tensor:
    """(40, 60), no line of it plain."""
    return torch.rand(HEIGHT, WIDTH, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("grey", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("sides", [(6, 6, 0, 0), (0, 0, 9, 4), (3, 5, 7, 2), (3, 0, 0, 0)])
def test_a_canvas_of_one_grey_is_cut_to_the_pixel(grey: float, sides: tuple[int, ...]) -> None:
    left, _, top, _ = sides
    framed = pad(film(), sides, value=grey)
    assert without_borders(framed) == (top, top + HEIGHT, left, left + WIDTH)


def test_borders_of_two_greys_are_both_cut() -> None:
    """The rows of the inner one are plain only once the outer one's columns are gone."""
    framed = pad(pad(film(), (0, 0, 4, 4), value=1.0), (5, 5, 0, 0), value=0.0)
    assert without_borders(framed) == (4, 4 + HEIGHT, 5, 5 + WIDTH)


def test_a_film_without_borders_stays_whole() -> None:
    assert without_borders(film()) == (0, HEIGHT, 0, WIDTH)


def test_a_strip_under_a_twenty_fifth_of_the_side_stays() -> None:
    assert without_borders(pad(film(), (2, 0, 1, 0), value=0.0)) == (0, HEIGHT + 1, 0, WIDTH + 2)


def test_a_border_with_a_letter_in_it_stays() -> None:
    framed = pad(film(), (0, 0, 10, 0), value=0.0)
    framed[3:7, 20:24] = 1.0
    assert without_borders(framed)[0] <= 3


def test_noise_of_a_grey_level_is_plain_and_more_is_not() -> None:
    framed = pad(film(), (0, 0, 10, 0), value=0.5)
    framed[:10, ::2] += 2 / 255
    assert without_borders(framed)[0] == 10
    framed[:10, ::2] += 4 / 255
    assert without_borders(framed)[0] == 0


@pytest.mark.parametrize("image", [torch.zeros(20, 20), torch.rand(1, 1), torch.zeros(1, 30)])
def test_an_image_that_is_plain_or_tiny_stays_whole(image: Tensor) -> None:
    assert without_borders(image) == (0, image.shape[0], 0, image.shape[1])


def test_a_strip_too_small_for_a_film_is_no_film_in_a_border() -> None:
    image = torch.zeros(40, 40)
    image[20:24, 10:30] = film()[:4, :20]
    assert without_borders(image) == (0, 40, 0, 40)
