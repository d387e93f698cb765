"""Figures and words of the studies."""

from pathlib import Path

import pandas as pd
import pytest

from core.messages.catalogue import LANGUAGES, text
from core.reporting.captions.originals import answer, original_words
from core.reporting.captions.study import (
    FIGURES,
    figures_of,
    finding,
    frames_finding,
    gap_finding,
    headline,
    latency_caption,
    looked_at,
    orders,
    progress,
    reversal,
    unconverged,
)
from core.reporting.captions.study_names import (
    figure_name,
    row_title,
    variant_title,
)
from core.reporting.charts.differences import difference_dots
from core.reporting.charts.study import gap_dots, latency_chart, mixup_grid
from core.results.study_table import FRAMES_LOSS, FRAMES_UNCHANGED, read_study_table
from core.training.experiments.earlier_studies import SMALL
from core.training.experiments.studies import ALL_STUDIES
from core.training.experiments.study import Study
from core.training.experiments.summary import GAPS, compare
from tests.support.made_up import write_study

MIXUP = ALL_STUDIES["mixup"]
THIRTY, NONE, ALWAYS = "p0.3-a0.4", "p0-a0.4", "p1-a0.4"


def mixup(results: Path, *, tested: bool = False, **losses: list[float]) -> pd.DataFrame:
    """The table after these validation losses: of 30 %, of none and of all batches mixed."""
    names = {"thirty": THIRTY, "none": NONE, "always": ALWAYS}
    write_study(results, "mixup", {names[key]: loss for key, loss in losses.items()}, tested)
    table = read_study_table(results)
    return table[table["study"] == "mixup"].reset_index(drop=True)


def told(table: pd.DataFrame) -> str:
    return finding(MIXUP, compare(MIXUP, table, "val_loss"), "val_loss", "en")


class TestFinding:
    def test_nothing(self, tmp_path: Path) -> None:
        assert told(read_study_table(tmp_path)).startswith("No run")

    def test_without_the_baseline_nothing_is_compared(self, tmp_path: Path) -> None:
        assert told(mixup(tmp_path, none=[0.1])) == (
            "No comparison with the baseline yet. "
            "Best so far: 0\xa0% mixed, alpha 0.4, validation loss 0.100 (one seed)."
        )

    def test_the_baseline_is_not_compared_with_itself(self, tmp_path: Path) -> None:
        words = told(mixup(tmp_path, thirty=[0.1]))
        assert words.endswith("30\xa0% mixed, alpha 0.4, validation loss 0.100 (one seed).")

    def test_one_seed_each_is_no_evidence(self, tmp_path: Path) -> None:
        words = told(mixup(tmp_path, thirty=[0.3], none=[0.2]))
        start = "One seed: no conclusion on validation loss. 0\xa0% mixed, alpha 0.4"
        assert words.startswith(start)
        assert "−0.100 (one seed) from the baseline, 30\xa0% mixed, alpha 0.4" in words

    def test_equal(self, tmp_path: Path) -> None:
        words = told(mixup(tmp_path, thirty=[0.1, 0.2], none=[0.2, 0.1]))
        assert words.startswith("No detectable effect")
        assert ": 0.000 (−1.271 to 1.271, 2 seeds)" in words

    def test_an_interval_over_zero_is_no_effect(self, tmp_path: Path) -> None:
        words = told(mixup(tmp_path, none=[0.10, 0.12, 0.14], thirty=[0.12, 0.11, 0.16]))
        start = "No detectable effect of 0\xa0% mixed, alpha 0.4 on validation loss:"
        assert words.startswith(start)
        assert "−0.010 (−0.053 to 0.033, 3 seeds)" in words

    def test_a_lower_loss_is_told_seed_by_seed(self, tmp_path: Path) -> None:
        words = told(mixup(tmp_path, none=[0.1, 0.3], thirty=[0.2, 0.41]))
        assert words == (
            "0\xa0% mixed, alpha 0.4 lowers validation loss: −0.105 (−0.169 to −0.041, 2 seeds) "
            "from the baseline, 30\xa0% mixed, alpha 0.4."
        )

    def test_a_best_variant_that_is_worse_than_the_baseline_is_told(self, tmp_path: Path) -> None:
        losses = {"thirty": [0.10, 0.11], "none": [0.30, 0.31], "always": [0.40, 0.42]}
        words = told(mixup(tmp_path, **losses))
        assert words.startswith("0\xa0% mixed, alpha 0.4 raises validation loss: 0.200 (")

    @pytest.mark.parametrize("unconverged_variant", [THIRTY, NONE])
    def test_runs_that_had_not_converged_allow_no_conclusion(
        self, tmp_path: Path, unconverged_variant: str
    ) -> None:
        losses = {THIRTY: [0.2, 0.41], NONE: [0.1, 0.3]}
        write_study(tmp_path, "mixup", losses, unconverged=frozenset({unconverged_variant}))
        words = told(read_study_table(tmp_path))
        assert words.startswith("Not converged: no conclusion on validation loss.")
        assert "−0.105 (−0.169 to −0.041, 2 seeds)" in words

    def test_a_higher_auroc_is_better(self, tmp_path: Path) -> None:
        table = mixup(tmp_path, thirty=[0.1, 0.1], none=[0.2, 0.2], always=[0.3, 0.3])
        table["val_auroc"] = table["variant"].map({THIRTY: 0.90, NONE: 0.95, ALWAYS: 0.92})
        words = finding(MIXUP, compare(MIXUP, table, "val_auroc"), "val_auroc", "en")
        assert words.startswith("0\xa0% mixed, alpha 0.4 raises validation AUROC: 0.050 (")

    def test_rates_are_told_in_points(self, tmp_path: Path) -> None:
        table = mixup(tmp_path, thirty=[0.1], none=[0.2])
        table["val_accuracy"] = table["variant"].map({THIRTY: 0.95, NONE: 0.953})
        compared = compare(MIXUP, table, "val_accuracy")
        assert "0.3 percentage points" in finding(MIXUP, compared, "val_accuracy", "en")

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("figure", [*FIGURES, *GAPS, "test_loss", "test_auroc"])
    def test_every_figure_has_its_words(self, tmp_path: Path, figure: str, language: str) -> None:
        table = mixup(tmp_path, thirty=[0.2, 0.41], none=[0.1, 0.3], tested=True)
        table[[FRAMES_LOSS, FRAMES_UNCHANGED]] = 0.5
        words = finding(MIXUP, compare(MIXUP, table, figure), figure, language)
        assert variant_title("mixup", NONE, language) in words


class TestFrames:
    def test_what_frames_do_is_told_where_it_was_measured(self, tmp_path: Path) -> None:
        table = mixup(tmp_path, thirty=[0.2, 0.4], none=[0.1, 0.3])
        assert frames_finding(MIXUP, table, "en") is None
        assert FRAMES_UNCHANGED not in figures_of(MIXUP, table)
        table[FRAMES_UNCHANGED] = table["variant"].map({THIRTY: 0.90, NONE: 0.95})
        words = frames_finding(MIXUP, table, "en")
        assert words is not None
        assert words.startswith("0\xa0% mixed, alpha 0.4 raises the share of verdicts that other")
        assert "5.0 percentage points" in words
        assert FRAMES_UNCHANGED in figures_of(MIXUP, table)


class TestAnswer:
    @pytest.mark.parametrize(
        ("losses", "said"),
        [
            ({"thirty": [0.1, 0.2], "none": [0.2, 0.301]}, "yes. Number 1 of 2"),
            ({"thirty": [0.3, 0.4], "none": [0.2, 0.301]}, "no. Number 2 of 2"),
            ({"thirty": [0.3, 0.4], "none": [0.2, 0.5]}, "cannot be told. Number"),
            ({"thirty": [0.1], "none": [0.2]}, "cannot be told. Number 1 of 2"),
            ({"thirty": [0.3]}, "cannot be told. Not trained yet"),
        ],
    )
    def test_whether_30_percent_wins(
        self, tmp_path: Path, losses: dict[str, list[float]], said: str
    ) -> None:
        found = answer(MIXUP, mixup(tmp_path, **losses), "en")
        assert found is not None
        assert said in original_words(MIXUP, found, "en")

    def test_without_convergence_it_cannot_be_told(self, tmp_path: Path) -> None:
        losses = {THIRTY: [0.1, 0.2], NONE: [0.2, 0.301]}
        write_study(tmp_path, "mixup", losses, unconverged=frozenset({NONE}))
        found = answer(MIXUP, read_study_table(tmp_path), "en")
        assert found is not None
        assert found.verdict == "unknown"

    def test_an_imagenet_start_does_not_count_among_architectures(self, tmp_path: Path) -> None:
        losses = {"densenet121": [0.2, 0.3], "resnet18": [0.3, 0.401]}
        losses["efficientnet_lite0-imagenet"] = [0.1, 0.1]
        write_study(tmp_path, "architecture", losses)
        found = answer(ALL_STUDIES["architecture"], read_study_table(tmp_path), "en")
        assert found is not None
        assert found.verdict == "yes"

    def test_other_studies_have_none(self, tmp_path: Path) -> None:
        assert answer(ALL_STUDIES["data"], read_study_table(tmp_path), "en") is None


class TestState:
    def test_missing_seeds_are_told(self, tmp_path: Path) -> None:
        table = mixup(tmp_path, thirty=[0.1, 0.2])
        [row, *others] = compare(MIXUP, table, "val_loss")
        title = "30\xa0% mixed, alpha 0.4 · baseline (2 of 5 seeds so far)"
        assert row_title(MIXUP, row, "en") == title
        assert "0 of" in row_title(MIXUP, others[0], "en")
        assert "2 of 27" in (progress(MIXUP, table, "en") or "")

    def test_a_study_is_tested_or_not(self, tmp_path: Path) -> None:
        assert looked_at(MIXUP, mixup(tmp_path / "a", thirty=[0.1]), "en").startswith(
            "No test look"
        )
        shared = mixup(tmp_path / "b", thirty=[0.1], tested=True)
        assert looked_at(MIXUP, shared, "en").startswith("Only runs shared with another study")
        assert list(shared["test_loss"]) == [0.2]
        losses = {each.name: [0.1] * len(each.seeds) for each in MIXUP.variants}
        write_study(tmp_path / "c", "mixup", losses, tested=True)
        assert looked_at(MIXUP, read_study_table(tmp_path / "c"), "en").startswith("Test figures")

    def test_runs_that_were_best_at_the_end_are_counted(self, tmp_path: Path) -> None:
        losses = {THIRTY: [0.1, 0.2], NONE: [0.2]}
        write_study(tmp_path, "mixup", losses, unconverged=frozenset({NONE}))
        table = read_study_table(tmp_path)
        assert (unconverged(MIXUP, table, "en") or "").startswith("1 of 3")
        dots = difference_dots(MIXUP, compare(MIXUP, table, "val_loss"), (), "val_loss", "en")
        seeds, converged, unconverged_ones, tested = (len(trace.x) for trace in dots.data)
        assert (seeds, converged, unconverged_ones, tested) == (3, 0, 1, 0)
        assert dots.data[2].marker.symbol == "circle-open"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("study", ALL_STUDIES)
def test_every_variant_has_a_name_of_its_own(study: str, language: str) -> None:
    names = [variant_title(study, each.name, language) for each in ALL_STUDIES[study].variants]
    assert len(set(names)) == len(names)


def test_dots_are_sorted_and_carry_their_runs(tmp_path: Path) -> None:
    table = mixup(tmp_path, thirty=[0.3, 0.3], none=[0.1], always=[0.2], tested=True)
    compared = compare(MIXUP, table, "val_loss")
    dots = difference_dots(MIXUP, compared, compare(MIXUP, table, "test_loss"), "val_loss", "en")
    seeds, means, _, tested = dots.data
    assert list(means.x) == pytest.approx([-0.2, -0.1]), "from the baseline, seed by seed"
    assert [data[0] for data in means.customdata] == [f"mixup/{v}@0" for v in (NONE, ALWAYS)]
    assert list(tested.x) == pytest.approx([-0.4, -0.2]), "on the test films"
    assert list(tested.y) == list(means.y)
    assert [data[0] for data in seeds.customdata if data[0].startswith(f"mixup/{NONE}")]
    assert len(dots.layout.yaxis.ticktext) == len(MIXUP.variants)


def test_the_grid_leaves_empty_what_was_not_trained(tmp_path: Path) -> None:
    compared = compare(MIXUP, mixup(tmp_path, thirty=[0.3], none=[0.1]), "val_loss")
    grid = mixup_grid(compared, "val_loss", "en")
    cells = [cell for row in grid.data[0].z for cell in row]
    assert sorted(cell for cell in cells if cell is not None) == [0.1, 0.3]
    assert sum("–" in each.text for each in grid.layout.annotations) == len(cells) - 2
    assert grid.data[0].reversescale


def test_gaps_of_training_validation_and_test(tmp_path: Path) -> None:
    study = ALL_STUDIES["regularisation"]
    write_study(tmp_path, "regularisation", {"baseline": [0.1], "no-norm": [0.5]}, tested=True)
    table = read_study_table(tmp_path)
    splits = {split: compare(study, table, f"{split}_loss") for split in ("train", "val", "test")}
    figure = gap_dots(study, splits, "en")
    assert [trace.x[0] for trace in figure.data] == pytest.approx([0.08, 0.1, 0.2])
    bottom, top = figure.layout.yaxis.range
    assert all(top < y < bottom - 0.1 for trace in figure.data for y in trace.y), "none is cut off"


def test_what_narrows_the_gap_is_told_seed_by_seed(tmp_path: Path) -> None:
    study = ALL_STUDIES["regularisation"]
    losses = {variant.name: [0.1, 0.2, 0.3] for variant in study.variants}
    write_study(tmp_path, "regularisation", losses | {"no-norm": [0.05, 0.15, 0.25]}, tested=True)
    table = read_study_table(tmp_path)
    table.loc[table["variant"] == "batch-16", "test_loss"] -= 0.4

    def told_of(table: pd.DataFrame, study: Study = study) -> str:
        words = gap_finding(study, *(compare(study, table, gap) for gap in GAPS), language="en")
        return words or ""

    on_validation, on_test = told_of(table).split(". ")
    start = "No normalisation lowers the gap between training and validation loss: −0.010 ("
    assert on_validation.startswith(start)
    assert "3 seeds) from the baseline, Recipe unchanged" in on_validation
    assert "Batches of 16 lowers the gap between training and test loss: −0.400 (" in on_test
    partly = told_of(table[table["variant"] != "batch-16"])
    assert "test loss" not in partly, "no look before the study is complete"
    assert told_of(table[table["seed"] == 0]).startswith("One seed: no conclusion on the gap")
    alone = told_of(table[table["variant"] == "baseline"])
    assert "Best so far: Recipe unchanged" in alone
    assert "0.040" in alone
    assert told_of(table, ALL_STUDIES["mixup"]) == ""


def test_what_no_other_beats_in_speed_and_figure_is_named(tmp_path: Path) -> None:
    study = ALL_STUDIES["architecture"]
    losses = {"densenet121": [0.1], "resnet18": [0.2], "efficientnet_b0": [0.3]}
    write_study(tmp_path, "architecture", losses)
    latency = pd.DataFrame(
        {
            "architecture": ["densenet121", "resnet18", "efficientnet_b0"],
            "size_px": SMALL["size_px"],
            "ms": [30.0, 10.0, 20.0],
            "file_mb": [14.0, 22.0, 47.0],
            "cpu": "a CPU",
        }
    )
    compared = compare(study, read_study_table(tmp_path), "val_loss")
    caption = latency_caption(study, compared, latency, "val_loss", "en")
    assert "ResNet18, DenseNet121" in caption
    assert "EfficientNet" not in caption
    chart = latency_chart(study, compared, latency, "val_loss", "en")
    assert list(chart.data[0].x) == [30.0, 10.0, 20.0]
    assert list(chart.data[0].marker.size) == [14.0, 22.0, 47.0]
    assert set(chart.data[0].textposition) == {"top center"}, "nothing is in the way"
    below = latency.assign(ms=[20.0, 20.0, 21.0])
    places = latency_chart(study, compared, below, "val_loss", "en").data[0].textposition
    assert places[0] == "top center", "of the lowest mark, with room above it"
    near = compare(
        study, read_study_table(tmp_path).assign(val_loss=[0.10, 0.11, 0.50]), "val_loss"
    )
    places = latency_chart(study, near, below, "val_loss", "en").data[0].textposition
    assert places[0] != places[1], "names of marks that touch do not lie on each other"


@pytest.mark.parametrize(
    ("signs", "said"),
    [
        ((1, 1, 1, 1, 1), "as validation does"),
        ((-1, -1, -1, -1, -1), "in reverse"),
        ((1, -1, 1, -1, 1), "differently"),
    ],
)
def test_the_order_on_test_films_is_compared(
    tmp_path: Path, signs: tuple[int, ...], said: str
) -> None:
    study = ALL_STUDIES["data"]
    names = [each.name for each in study.variants]
    losses = {name: [0.1 + 0.01 * place] * 3 for place, name in enumerate(names)}
    write_study(tmp_path, "data", losses, tested=True)
    table = read_study_table(tmp_path)
    table = table[table["study"] == "data"]
    sign = table["variant"].map(dict(zip(names, signs, strict=True)))
    table = table.assign(test_loss=0.5 + sign * table["val_loss"])

    def said_of(table: pd.DataFrame) -> str | None:
        by_figure = (compare(study, table, figure) for figure in ("val_loss", "test_loss"))
        return orders(*by_figure, language="en")

    sentence = said_of(table)
    assert sentence is not None
    assert said in sentence
    assert "5 variants" in sentence
    assert said_of(table.assign(test_loss=0.3)) is None, "no order"
    noisy = table.assign(val_loss=table["val_loss"] + 0.1 * table["seed"])
    assert said_of(noisy) is None, "chance alone would order them"
    assert said_of(table.assign(test_loss=float("nan"))) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("losses", "kind"),
    [
        ({"none": [0.1, 0.3], "thirty": [0.2, 0.41]}, "lowers"),
        ({"none": [0.2, 0.41], "thirty": [0.1, 0.3]}, "raises"),
        ({"none": [0.1, 0.3], "thirty": [0.3, 0.1]}, "no_effect"),
        ({"none": [0.1, 0.3], "thirty": [0.3, 0.1], "always": [0.5, 0.31]}, "only_worse"),
        ({"none": [0.1], "thirty": [0.3]}, "one_seed"),
        ({"thirty": [0.3]}, "none"),
    ],
)
def test_the_paired_interval_alone_decides_a_headline_of_14_words(
    tmp_path: Path, losses: dict[str, list[float]], kind: str, language: str
) -> None:
    told = headline(MIXUP, compare(MIXUP, mixup(tmp_path, **losses), "val_loss"), (), language)
    start, *_ = text(language, f"study.headline.{kind}").split("{best}")
    assert told.startswith(start)
    assert len(told.split()) <= 14


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_wins_on_validation_and_loses_on_test_is_told_first(
    tmp_path: Path, language: str
) -> None:
    table = mixup(tmp_path, none=[0.1, 0.3], thirty=[0.2, 0.41])
    held_out = compare(MIXUP, table, "val_loss")

    def said_of(test_loss: "pd.Series[float]") -> tuple[str, str | None]:
        on_test = compare(MIXUP, table.assign(test_loss=test_loss), "test_loss")
        return (
            headline(MIXUP, held_out, on_test, language),
            reversal(MIXUP, held_out, on_test, "test_loss", language),
        )

    best = variant_title("mixup", held_out[0].variant.name, language)
    head, sentence = said_of(1 - table["val_loss"])
    assert head == text(language, "study.headline.reversed", best=best, difference=told_in(head))
    assert len(head.split()) <= 14
    assert sentence is not None
    assert text(language, "study.said.test_loss") in sentence
    assert sentence.endswith(text(language, "study.reversal"))
    head, sentence = said_of(table["val_loss"])
    assert head != text(language, "study.headline.reversed", best=best, difference=told_in(head))
    assert sentence is None


def told_in(words: str) -> str:
    """What stands in the brackets of a headline."""
    return words[words.index("(") + 1 : words.rindex(")")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_have_names(language: str) -> None:
    assert len({figure_name(figure, language) for figure in FIGURES}) == len(FIGURES)


def test_a_chart_makes_room_for_labels_in_one_direction_an_axis(tmp_path: Path) -> None:
    compared = compare(MIXUP, mixup(tmp_path, none=[0.1, 0.3], thirty=[0.2, 0.41]), "val_loss")
    layout = difference_dots(MIXUP, compared, (), "val_loss", "en").layout
    assert layout.xaxis.automargin == "height", "in both, Plotly may never come to an end"
    assert layout.yaxis.automargin == "width"
