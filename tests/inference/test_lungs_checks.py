"""How the lungs lie in a film: told where something is wrong, and silent where nothing is."""

import numpy as np
import pytest

from core.imaging.placing import WHOLE, Box
from core.inference.lungs import LungsMap
from core.inference.lungs_checks import no_verdict_without, what_to_tell
from core.messages.catalogue import text
from tests.support.drawn_lungs import LUNG, drawn_chest

SIDE_PX = 224


def chest() -> np.ndarray:
    return drawn_chest(SIDE_PX, SIDE_PX) == LUNG


def told(mask: np.ndarray, region: Box = WHOLE, found: bool = True) -> list[str]:
    lungs = LungsMap(mask.astype(np.uint8) * 255, region, found)
    notices = (*no_verdict_without(lungs), *what_to_tell(lungs))
    return [notice.key.removeprefix("lungs.") for notice in notices]


def test_two_lungs_in_the_middle_are_nothing_to_tell() -> None:
    assert told(chest()) == []


def test_no_lungs_are_a_reason_for_no_verdict_and_nothing_else() -> None:
    assert told(np.zeros((SIDE_PX, SIDE_PX), bool), found=False) == ["reason.none"]


def test_one_lung_gets_no_verdict_whichever_it_is() -> None:
    left, right = chest(), chest()
    left[:, SIDE_PX // 2 :] = False
    right[:, : SIDE_PX // 2] = False
    assert told(left) == told(right) == ["reason.one"]


def test_a_speck_is_no_second_lung() -> None:
    mask = chest()
    mask[:, SIDE_PX // 2 :] = False
    mask[100:110, 160:170] = True
    assert told(mask) == ["reason.one"]


def test_more_than_two_lungs_are_a_reason_for_no_verdict() -> None:
    halves = chest()[::2, ::2]
    side_by_side = np.tile(halves, (2, 2))
    assert told(side_by_side)[:1] == ["reason.many"]
    three = chest()
    three[100:115] = False  # a lung in two parts is none too few
    three[:, : SIDE_PX // 2] = chest()[:, : SIDE_PX // 2]
    assert told(three) == ["reason.many"]


def test_specks_are_no_lungs() -> None:
    mask = chest()
    mask[2:6, 2:6] = mask[215:219, 110:114] = True
    assert told(mask) == []


def test_a_smaller_lung_is_a_lung() -> None:
    mask = chest()
    mask[:112, SIDE_PX // 2 :] = False
    assert told(mask) == []


def test_bases_on_the_lower_edge_are_told() -> None:
    mask = np.roll(chest(), 60, axis=0)  # the lungs end below the film
    mask[:20] = False
    assert told(mask) == ["notice.bases"]


@pytest.mark.parametrize("shift", [-60, 60])
def test_a_lung_on_a_side_edge_is_told(shift: int) -> None:
    mask = chest()
    moved = np.zeros_like(mask)
    if shift < 0:
        moved[:, :shift] = mask[:, -shift:]
    else:
        moved[:, shift:] = mask[:, :-shift]
    assert told(moved) == ["notice.side"]


def test_the_edge_of_what_was_looked_at_from_closer_is_no_edge_of_the_film() -> None:
    mask = np.zeros((SIDE_PX, SIDE_PX), bool)
    mask[40:, 30:100] = mask[40:, 120:190] = True
    assert told(mask) == ["notice.bases"]
    assert told(mask, region=(0.5, 0.5, 0.4, 0.4)) == []


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("key", ["reason.none", "reason.one", "notice.bases", "notice.side"])
def test_each_is_told_in_ten_words_at_most(language: str, key: str) -> None:
    assert len(text(language, f"lungs.{key}").split()) <= 10
