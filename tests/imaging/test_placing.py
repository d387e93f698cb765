"""Maps of a box, drawn where the box lies on the film."""

import numpy as np
import pytest
import torch

from core.imaging.placing import WHOLE, hull, placed, relative

HEIGHT_PX, WIDTH_PX = 120, 200


def test_a_map_of_the_whole_film_is_resampled_as_pictures_are(random: np.random.Generator) -> None:
    values = random.random((7, 9), dtype=np.float32)
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(values)[None, None], (HEIGHT_PX, WIDTH_PX), mode="bicubic"
    )[0, 0].numpy()
    np.testing.assert_allclose(placed(values, WHOLE, HEIGHT_PX, WIDTH_PX), expected, atol=1e-5)


@pytest.mark.parametrize("mode", ["bicubic", "bilinear", "nearest"])
def test_nothing_lies_outside_the_box_and_everything_inside(mode: str) -> None:
    found = placed(np.ones((5, 5), np.float32), (0.3, 0.5, 0.4, 0.5), HEIGHT_PX, WIDTH_PX, mode)
    expected = np.zeros((HEIGHT_PX, WIDTH_PX), np.float32)
    expected[30:90, 20:100] = 1  # pixels whose middles lie in the box
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_corner_of_a_box_lies_in_the_corner_of_the_box() -> None:
    values = np.zeros((4, 4), np.float32)
    values[0, 3] = 1
    found = placed(values, (0.7, 0.3, 0.4, 0.4), HEIGHT_PX, WIDTH_PX)
    rows, columns = np.nonzero(found > 0.5)
    assert rows.min() / HEIGHT_PX == pytest.approx(0.1, abs=0.01)
    assert (columns.max() + 1) / WIDTH_PX == pytest.approx(0.9, abs=0.01)
    assert (rows.max() + 1) / HEIGHT_PX == pytest.approx(0.2, abs=0.02)
    assert columns.min() / WIDTH_PX == pytest.approx(0.8, abs=0.02)


def test_what_lies_beyond_the_film_is_cut_off() -> None:
    values = np.array([[1, 2], [1, 2]], np.float32)
    found = placed(values, (0.0, 0.5, 1.0, 1.0), HEIGHT_PX, WIDTH_PX, "nearest")
    assert (found[:, : WIDTH_PX // 2] == 2).all()
    assert (found[:, WIDTH_PX // 2 :] == 0).all()


def test_a_box_between_two_pixels_draws_nothing() -> None:
    assert placed(np.ones((2, 2), np.float32), (0.5, 0.5, 1e-4, 1e-4), 4, 4).max() == 0


def test_a_box_within_a_box_and_back() -> None:
    inner, outer = (0.35, 0.6, 0.2, 0.1), (0.4, 0.5, 0.5, 0.8)
    x, y, width, height = relative(inner, outer)
    again = (
        outer[0] + (x - 0.5) * outer[2],
        outer[1] + (y - 0.5) * outer[3],
        width * outer[2],
        height * outer[3],
    )
    assert again == pytest.approx(inner)
    assert relative(inner, inner) == pytest.approx(WHOLE)
    assert hull([inner, outer]) == pytest.approx(outer)
