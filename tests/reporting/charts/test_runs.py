"""Figures and words of the training runs."""

from pathlib import Path

import pytest

from core.reporting.captions.runs import (
    auroc_caption,
    by_metric,
    dots_caption,
    loss_caption,
    runs_sentence,
    runs_table,
    seeds_sentence,
    start_words,
    unconverged_sentence,
)
from core.reporting.charts.runs import auroc_chart, dots_chart, loss_chart, run_marks
from core.reporting.charts.style import MARKS, inked, mark
from core.results.runs import Run, read_runs
from tests.support.made_up import write_run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, ...]:
    """Three runs, the second the best and the third not converged."""
    results = tmp_path_factory.mktemp("results")
    write_run(results, "densenet121-a", apart=3)
    write_run(results, "resnet18-b", apart=8)
    write_run(results, "vgg16_bn-c", apart=1, converged=False)
    return read_runs(results)


def test_dots_come_best_first_with_their_intervals(runs: tuple[Run, ...]) -> None:
    dots = dots_chart(runs, "auroc", "en").data[0]
    assert list(dots.y) == ["resnet18-b", "densenet121-a", "vgg16_bn-c"]
    assert list(dots.x) == sorted(dots.x, reverse=True)
    assert len(dots.error_x.array) == 3
    assert min(dots.error_x.array) >= 0
    assert list(dots_chart(runs, "log_loss", "en").data[0].x) == sorted(
        dots_chart(runs, "log_loss", "en").data[0].x
    )


def test_curves_ring_the_best_epoch(runs: tuple[Run, ...]) -> None:
    ring = loss_chart(runs, run_marks(runs), "en").data[-1]
    assert list(ring.x) == [5, 5, 6]
    assert list(ring.y) == [0.2, 0.2, 0.21]
    assert list(auroc_chart(runs, run_marks(runs), "en").data[-1].y) == [0.97, 0.97, 0.97]


def test_training_loss_is_dotted_and_validation_loss_solid(runs: tuple[Run, ...]) -> None:
    dotted, solid, _ = loss_chart(runs[:1], run_marks(runs), "en").data
    assert (dotted.line.dash, solid.line.dash) == ("dot", None)
    assert dotted.line.color == solid.line.color


def test_a_run_keeps_its_look_whichever_runs_are_shown(runs: tuple[Run, ...]) -> None:
    marks = run_marks(runs)
    alone = auroc_chart(runs[1:2], marks, "en").data[0]
    together = auroc_chart(runs, marks, "en").data[1]
    assert alone.line.color == together.line.color
    assert len({look.symbol for look in MARKS}) == len(MARKS)
    assert mark(len(MARKS)) == mark(0)


def test_the_table_has_a_row_a_run_best_first(runs: tuple[Run, ...]) -> None:
    table = runs_table(runs)
    assert list(table["run"]) == ["resnet18-b", "densenet121-a", "vgg16_bn-c"]
    assert list(table["converged"]) == [True, True, False]
    assert table["training_minutes"].eq(1).all()
    assert table["val_films"].eq(80).all()


def test_words_name_the_best_and_the_unconverged(runs: tuple[Run, ...]) -> None:
    assert runs_sentence(runs, "en").startswith("resnet18-b has the lowest validation loss of 3")
    assert "one run so far" in runs_sentence(runs[:1], "en")
    assert "vgg16_bn-c" in (unconverged_sentence(runs, "en") or "")
    assert unconverged_sentence(runs[:2], "en") is None
    assert "n = 80" in dots_caption(runs, "auroc", "en")
    assert "epoch 6 of 6" in loss_caption(runs, "en")
    assert "vgg16_bn-c: epoch 6 of 6, 0.970" in auroc_caption(runs, "en")
    assert [run.name for run in by_metric(runs, "accuracy")][-1] == "vgg16_bn-c"


def test_words_say_when_a_setting_has_one_seed(tmp_path: Path) -> None:
    write_run(tmp_path, "densenet121-0", seed=0)
    write_run(tmp_path, "densenet121-1", seed=1)
    assert "At least two seeds" in seeds_sentence(read_runs(tmp_path), "en")
    write_run(tmp_path, "resnet18-0", seed=0)
    assert "in 1 of 2 settings" in seeds_sentence(read_runs(tmp_path), "en")
    assert "One seed each" in seeds_sentence(read_runs(tmp_path)[:1], "en")


@pytest.mark.parametrize(
    ("init", "words"),
    [
        ("none", "from scratch"),
        ("imagenet", "ImageNet"),
        ("results/runs/mine/weights.safetensors", "from run mine"),
        ("mine.safetensors", "from run mine"),
    ],
)
def test_start_weights_are_named(init: str, words: str) -> None:
    assert start_words(init, "en") == words


def test_axes_are_written_in_the_colour_of_the_page(runs: tuple[Run, ...]) -> None:
    figure = dots_chart(runs, "auroc", "en")
    assert figure.layout.xaxis.title.text == inked("AUROC")
    assert figure.layout.xaxis.tickprefix + figure.layout.xaxis.ticksuffix == inked("")
