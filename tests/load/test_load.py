"""A short run of the load test with a tiny model, and that it sees what it looks for."""

import csv
from dataclasses import asdict
from pathlib import Path

import pytest

from core.inference.model import Diagnostician
from tests.conftest import draw_film
from tests.load.running import Expected, expected, load, write
from tests.support.fixtures import one_thread

__all__ = ["one_thread"]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Eight films and a letter."""
    folder = tmp_path_factory.mktemp("films")
    letter = folder / "letter.png"
    letter.write_text("a letter")
    return [*(draw_film(folder / f"{seed}.png", seed, 90) for seed in range(8)), letter]


@pytest.fixture(scope="module")
def model(tiny_weights: Path) -> Diagnostician:
    return Diagnostician.load("tiny", tiny_weights)


@pytest.fixture(scope="module")
def known(films: list[Path], tiny_weights: Path) -> Expected:
    return expected(films, "tiny", tiny_weights)


def test_sessions_at_once_get_their_own_films_verdicts(
    films: list[Path], model: Diagnostician, known: Expected, tmp_path: Path
) -> None:
    outcome = load(films, 4, 5, model, known)
    assert (outcome.errors, outcome.mix_ups) == (0, 0)
    assert outcome.readings >= 4
    assert 0 < outcome.median_s <= outcome.p95_s
    assert outcome.end_mb < outcome.start_mb + 200
    printed = write(outcome, tmp_path / "made" / "load.csv")
    with (tmp_path / "made" / "load.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert list(row) == list(asdict(outcome))
    assert row["readings"] == str(outcome.readings)
    assert "mix_ups 0" in printed


def test_a_verdict_of_another_film_is_seen(
    films: list[Path], model: Diagnostician, known: Expected
) -> None:
    turned = dict(zip(known, [*list(known.values())[1:], known[str(films[0])]], strict=True))
    outcome = load(films[:2], 1, 0.5, model, turned)
    assert outcome.mix_ups == outcome.readings > 0


def test_an_error_is_counted_and_the_others_read_on(
    films: list[Path], model: Diagnostician, known: Expected, monkeypatch: pytest.MonkeyPatch
) -> None:
    diagnose, calls = Diagnostician.diagnose, iter(range(10**6))

    def fail_at_first(self: Diagnostician, film: object) -> object:
        if next(calls) == 0:
            raise ZeroDivisionError
        return diagnose(self, film)  # type: ignore[arg-type]

    monkeypatch.setattr(Diagnostician, "diagnose", fail_at_first)
    outcome = load(films[:4], 2, 1.5, model, known)
    assert outcome.errors == 1
    assert outcome.readings > 0
