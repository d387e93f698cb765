"""The Models page, driven without a browser."""

import time
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data.conditions import PLAIN
from core.data.frames import FRAMES
from core.messages.catalogue import LANGUAGES, text
from core.reporting.captions.study_names import variant_title
from core.results.study_table import read_study_table
from core.training.experiments.earlier_studies import SMALL
from core.training.experiments.studies import ALL_STUDIES
from core.training.experiments.table import write_study_table
from tests.support.made_up import write_run, write_study
from tests.ui.conftest import run_page


def open_page(language: str = "en") -> AppTest:
    return run_page("models_page", language)


def test_without_a_run_the_page_says_what_makes_one(results: Path) -> None:
    page = open_page()
    assert not page.exception
    assert "make train" in page.info[0].value
    assert not page.get("plotly_chart")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_compares_all_runs(results: Path, language: str) -> None:
    write_run(results, "densenet121-a", apart=3)
    write_run(results, "resnet18-b", apart=8)
    page = open_page(language)
    assert not page.exception
    assert "resnet18-b" in page.title[0].value
    assert len(page.get("plotly_chart")) == 3
    assert len(page.dataframe[0].value) == 2


def test_one_run_alone_is_shown(results: Path) -> None:
    write_run(results, "densenet121-a", converged=False)
    page = open_page()
    assert not page.exception
    assert "one run so far" in page.title[0].value
    assert any("Not converged" in line.value for line in page.markdown)


def test_a_metric_and_runs_can_be_chosen(results: Path) -> None:
    for name in ("densenet121-a", "resnet18-b"):
        write_run(results, name)
    page = open_page()
    page.selectbox(key="metric").set_value("auroc").run()
    assert any(caption.value.startswith("AUROC on held-out") for caption in page.caption)
    page.multiselect(key="runs").set_value([]).run()
    assert not page.exception
    assert len(page.get("plotly_chart")) == 1
    assert "Choose at least one run" in page.info[0].value


LOSSES = {"p0.3-a0.4": [0.1, 0.11, 0.12], "p0-a0.4": [0.2, 0.21], "p1-a0.4": [0.3]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_study_is_shown_with_its_finding_and_what_is_missing(
    results: Path, language: str
) -> None:
    write_study(results, "mixup", LOSSES, tested=True)
    page = run_page("models_page", language, study="mixup")
    assert not page.exception
    assert variant_title("mixup", "p0-a0.4", language) in page.title[0].value
    assert any("6" in line.value and "27" in line.value for line in page.markdown)
    assert len(page.get("plotly_chart")) == 4, "differences, the grid, and two of curves"
    assert len(page.dataframe[0].value) == 6


def test_test_figures_come_when_the_study_is_complete(results: Path) -> None:
    losses = {each.name: [0.1] * len(each.seeds) for each in ALL_STUDIES["data"].variants}
    write_study(results, "data", losses, tested=True)
    page = run_page("models_page", study="data")
    assert not page.exception
    assert len(page.get("plotly_chart")) == 4, "differences, the gaps, and two of curves"
    assert "Test" in page.get("plotly_chart")[0].proto.spec


def test_studies_with_runs_come_first(results: Path) -> None:
    write_study(results, "mixup", LOSSES)
    page = open_page()
    assert page.button_group(key="study").value == "mixup"
    other = run_page("models_page", study="leave-one-out")
    assert not other.exception
    assert "python -m core study leave-one-out" in other.info[0].value
    page.button_group(key="study").set_value("all").run()
    assert "make train" in page.info[0].value


def test_complete_studies_come_before_those_under_way(results: Path) -> None:
    write_study(results, "framing", {"film": [0.1], "lungs": [0.2]})
    assert open_page().button_group(key="study").value == "framing"
    losses = {each.name: [0.1] * len(each.seeds) for each in ALL_STUDIES["data"].variants}
    write_study(results, "data", losses)
    assert open_page().button_group(key="study").value == "data"


@pytest.mark.parametrize("language", LANGUAGES)
def test_earlier_studies_that_did_not_converge_stand_apart(results: Path, language: str) -> None:
    first, second, *_ = (variant.name for variant in ALL_STUDIES["augmentation"].variants)
    write_study(
        results,
        "augmentation",
        {first: [0.1], second: [0.2]},
        unconverged=frozenset({first, second}),
    )
    write_study(results, "mixup", LOSSES)
    page = run_page("models_page", language, study="earlier")
    assert page.title[0].value == text(language, "study.earlier")
    assert page.button_group(key="study").options == [
        text(language, f"study.name.{name}") for name in ("mixup", "earlier", "all")
    ]
    page.button(key="open-augmentation").click().run()
    assert not page.exception
    assert page.button_group(key="study").value == "augmentation"
    assert page.query_params["study"] == "augmentation"


def test_framing_tells_what_other_frames_do_to_verdicts(results: Path) -> None:
    write_study(results, "framing", {"film": [0.1, 0.2], "lungs": [0.2, 0.3]})
    for folder in (results / "runs" / "framing").iterdir():
        turned = 4.0 if folder.name.startswith("lungs") else -4.0
        films = {"image": ["a", "b"], "truth": [0, 1], PLAIN: [-4.0, 4.0]}
        frames = {frame: [-4.0, turned] for frame in FRAMES}
        pd.DataFrame(films | frames).to_csv(folder / "stress.csv", index=False)
    write_study_table(results)
    page = run_page("models_page", study="framing", figure="frames_unchanged")
    assert not page.exception
    assert page.selectbox(key="figure").value == "frames_unchanged"
    said = " ".join(line.value for line in page.markdown)
    assert "Box round the lungs raises the share of verdicts" in said
    assert "50.0 percentage points" in said


def test_a_figure_a_filter_and_curves_can_be_chosen(results: Path) -> None:
    write_study(results, "mixup", LOSSES)
    page = run_page("models_page", study="mixup", figure="val_auroc")
    assert page.selectbox(key="figure").value == "val_auroc"
    page.multiselect(key="filter-mixup").set_value(["p0-a0.4"]).run()
    assert len(page.dataframe[0].value) == 2
    page.multiselect(key="curves-mixup").set_value([]).run()
    assert not page.exception
    assert len(page.get("plotly_chart")) == 2, "differences and the grid"


@pytest.mark.parametrize(
    "study", ["architecture", "regularisation", "data", "augmentation", "synthetic"]
)
def test_every_study_draws(results: Path, study: str) -> None:
    first, second, *_ = (variant.name for variant in ALL_STUDIES[study].variants)
    write_study(results, study, {first: [0.2, 0.3], second: [0.1]})
    latency = {"size_px": SMALL["size_px"], "ms": 3.0, "file_mb": 20.0, "cpu": "a CPU"}
    table = pd.DataFrame([{"architecture": name, **latency} for name in (first, second)])
    table.to_csv(results / "latency.csv", index=False)
    page = run_page("models_page", study=study)
    assert not page.exception
    assert len(page.get("plotly_chart")) == 4, "differences, latency or gaps, and two of curves"


def test_an_address_opens_a_run(results: Path) -> None:
    write_study(results, "mixup", LOSSES)
    page = run_page("models_page", study="mixup", run="mixup/p0-a0.4@1")
    assert not page.exception
    command = page.code[0].value
    assert "python -m core train mixup/p0-a0.4@1 --architecture resnet18" in command
    assert "--mixup-prob 0.0" in command
    assert "--seed 1" in command


@pytest.mark.parametrize("name", ["mixup/nothing@0", "../../secrets", "/etc", "a/b/c"])
def test_an_address_of_no_run_says_so(results: Path, name: str) -> None:
    write_study(results, "mixup", LOSSES)
    page = run_page("models_page", study="mixup", run=name)
    assert not page.exception
    assert name in page.warning[0].value


def test_five_hundred_runs_are_drawn_within_a_second(results: Path) -> None:
    variants = ALL_STUDIES["augmentation"].variants
    write_study(results, "augmentation", {each.name: [0.1] for each in variants}, tested=True)
    table = read_study_table(results)
    table = table[table["study"] == "augmentation"]
    seeds = range(42)
    many = pd.concat([table.assign(seed=seed, val_loss=0.1 + seed / 1000) for seed in seeds])
    many.to_csv(results / "runs.csv", index=False)
    page = run_page("models_page", study="augmentation")  # imports what it draws with
    seconds = []
    for _ in range(3):  # other processes on the cores slow some of them
        started = time.process_time()
        page.run()
        seconds.append(time.process_time() - started)
    assert min(seconds) < 1
    assert not page.exception
    assert len(page.dataframe[0].value) == len(many) > 500
