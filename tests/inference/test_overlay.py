"""How heat is drawn: threshold, colour maps and contour lines."""

import numpy as np
import pytest

from core.inference.heatmap import Heatmap
from core.inference.overlay import (
    COLOUR_MAPS,
    contour_levels,
    contour_lines,
    heat_table,
    legend_picture,
    overlay_picture,
)

GREY = np.full((64, 96), 0.5, np.float32)


def hill(height: float = 1.0) -> Heatmap:
    """One hot place left of the middle."""
    y, x = np.mgrid[0:16, 0:16]
    evidence = height * np.exp(-((x - 4) ** 2 + (y - 8) ** 2) / 12)
    return Heatmap(evidence.astype(np.float32), full_heat=1.0)


def test_heat_under_the_threshold_is_not_drawn_and_the_rest_as_before() -> None:
    plain = overlay_picture(GREY, hill(), 0.8)
    cut = overlay_picture(GREY, hill(), 0.8, threshold=0.5)
    heat = hill().over(*GREY.shape)
    assert (cut[heat < 0.49] == 128).all()
    assert np.array_equal(cut[heat > 0.51], plain[heat > 0.51])
    assert not np.array_equal(
        plain[(heat > 0.2) & (heat < 0.49)], cut[(heat > 0.2) & (heat < 0.49)]
    )


@pytest.mark.parametrize("colour_map", COLOUR_MAPS)
def test_every_colour_map_grows_lighter_all_the_way(colour_map: str) -> None:
    table = heat_table(1.0, colour_map)
    lightness = table[:, :3] @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(lightness) > -1e-3).all()
    assert lightness[-1] > lightness[0] + 0.3


def test_each_colour_map_has_its_own_legend_that_shows_the_threshold() -> None:
    legends = [legend_picture(0.5, colour_map) for colour_map in COLOUR_MAPS]
    assert len({legend.tobytes() for legend in legends}) == len(COLOUR_MAPS)
    cut = legend_picture(0.5, COLOUR_MAPS[0], threshold=0.5)
    assert (cut[:, :254] == 128).all()
    assert np.array_equal(cut[:, 258:], legends[0][:, 258:])


def test_a_threshold_outside_the_unit_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="threshold must lie between 0 and 1"):
        heat_table(0.5, threshold=1.1)


@pytest.mark.parametrize("threshold", [0.0, 0.25, 0.4, 0.9])
def test_contours_start_at_the_threshold_and_stay_under_full_heat(threshold: float) -> None:
    levels = contour_levels(threshold)
    assert levels[0] == max(threshold, 0.25)
    assert list(levels) == sorted(set(levels))
    assert levels[-1] < 1


def test_a_contour_runs_where_the_heat_has_its_level() -> None:
    heat = hill().over(500, 500)
    for level in contour_levels(0.0):
        (line,) = contour_lines(hill(), level)
        assert ((line >= 0) & (line <= 1)).all()
        columns, rows = np.minimum((line * 500).astype(int), 499).T
        assert heat[rows, columns] == pytest.approx(level, abs=0.03)
        assert line[:, 0].mean() == pytest.approx(4.5 / 16, abs=0.02)


def test_a_calm_film_has_no_contours() -> None:
    assert contour_lines(hill(0.2), 0.25) == []
