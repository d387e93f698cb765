"""The Models page, driven without a browser."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.i18n import LANGUAGES
from tests.charts.made_up import write_run
from tests.pages.conftest import run_page


def open_page(language: str = "en") -> AppTest:
    return run_page("compare", language)


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
    assert "resnet18-b" in page.subheader[0].value
    assert len(page.get("plotly_chart")) == 3
    assert len(page.dataframe[0].value) == 2


def test_one_run_alone_is_shown(results: Path) -> None:
    write_run(results, "densenet121-a", converged=False)
    page = open_page()
    assert not page.exception
    assert "one run so far" in page.subheader[0].value
    assert any("Not converged" in line.value for line in page.markdown)


def test_a_metric_and_runs_can_be_chosen(results: Path) -> None:
    for name in ("densenet121-a", "resnet18-b"):
        write_run(results, name)
    page = open_page()
    page.selectbox(key="metric").set_value("auroc").run()
    assert any(caption.value.startswith("AUROC on the held-out") for caption in page.caption)
    page.multiselect(key="runs").set_value([]).run()
    assert not page.exception
    assert len(page.get("plotly_chart")) == 1
    assert "Choose at least one run" in page.info[0].value
