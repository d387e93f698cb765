"""The benchmark: ways take turns, the usual way does all its work, and what is measured is told."""

from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from core.evaluation.benchmark import (
    DISPLAY_PX,
    HEIGHT_PX,
    WIDTH_PX,
    bulk_films_s,
    film_bytes,
    in_turn,
    machine_gflop_s,
    usual_way,
    verdict_gflop,
    ways,
)
from core.imaging import read_film
from core.imaging.preprocess import FILM_SIZE_PX
from core.inference.model import Diagnostician
from core.reporting.documents.performance import performance_text
from core.results.benchmark import USUAL, Benchmark, Timing, read_benchmark, write_benchmark


def test_ways_take_turns_and_the_first_turn_is_not_counted() -> None:
    order: list[str] = []
    reads = [lambda _, name=name: order.append(name) for name in "ab"]
    seconds = in_turn(reads, b"", rounds=3)
    assert order == list("ab") * 4
    assert [len(taken) for taken in seconds] == [3, 3]


def test_every_way_gives_what_it_is_named_for() -> None:
    data = film_bytes()
    assert read_film(data).pixels.shape == (HEIGHT_PX, WIDTH_PX)
    usual = usual_way()(data)
    assert isinstance(usual, np.ndarray)
    assert usual.shape == (HEIGHT_PX, WIDTH_PX, 3)
    found = {way: read for way, _, read in ways([Diagnostician.load()])}
    assert list(found) == [USUAL, "verdict", "display", "overlay"]
    shapes = [getattr(found[way](data), "shape", None) for way in ("verdict", "display", "overlay")]
    small = (DISPLAY_PX * HEIGHT_PX // WIDTH_PX, DISPLAY_PX, 3)
    assert shapes == [None, small, (HEIGHT_PX, WIDTH_PX, 3)]


def test_what_was_measured_is_kept_and_told(tmp_path: Path) -> None:
    assert performance_text("en", tmp_path) == "not measured"
    found = Benchmark(
        date="2026-01-02",
        cpu="a CPU",
        threads=2,
        torch="2.0",
        film={"width_px": 20, "height_px": 10, "bytes": 3000},
        rounds=5,
        timings=(
            Timing(USUAL, "densenet121", 240.0, 300.0, 1.0),
            Timing("verdict", "small", 60.0, 70.4, 4.0),
        ),
        start_s=4.5,
        memory_mb={0: 300.0, 1: 500.0},
        bulk_films_s={"small": 25.0},
        verdict_gflop={"small": 6.0},
        machine_gflop_s=200.0,
    )
    write_benchmark(found, tmp_path)
    assert read_benchmark(tmp_path) == found
    told = performance_text("en", tmp_path)
    assert "| Verdict, lungs and heat | small | 60 ms | 70 ms | 4.0 |" in told
    assert "500 MB after 1 film." in told
    assert "small 25.0 films a second, 6.0 times the usual way's" in told
    assert "small 6.0, 30 ms" in told


def test_a_verdict_takes_both_ways_through_the_classifier_and_the_other_networks() -> None:
    model = Diagnostician.load()
    with FlopCounterMode(display=False) as counter:
        model.networks[0].feature_map(torch.rand(1, 1, FILM_SIZE_PX, FILM_SIZE_PX))
    once = counter.get_total_flops() / 1e9
    assert 2 * once < verdict_gflop(model, film_bytes()) < 5 * once


def test_a_folder_is_read_whole() -> None:
    assert bulk_films_s(Diagnostician.load(), film_bytes(), films=3) > 0
    assert machine_gflop_s() > 0
