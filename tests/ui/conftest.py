"""What the pages' tests share: made-up results, and a page opened alone in a language."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data.folder import DATA_FOLDER_VARIABLE
from core.results.folder import RESULTS_VARIABLE

PAGES = Path(__file__).resolve().parents[2] / "pages"


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of results that the pages read from, and no data folder."""
    monkeypatch.setenv(RESULTS_VARIABLE, str(tmp_path))
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path / "nowhere"))
    return tmp_path


def run_page(name: str, language: str = "en", **address: str) -> AppTest:
    """Run one page of ``pages/`` by itself, with what its address says behind the question mark."""
    page = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=30)
    page.session_state["language"] = language
    page.query_params.update(address)
    return page.run()
