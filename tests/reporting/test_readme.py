"""The tables that the READMEs show: what others published, our results among it, and the marks."""

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import core.cli.readme
import core.reporting.documents.results
from core.cli.readme import main
from core.data.labels import CLASSES
from core.messages.catalogue import LANGUAGES
from core.models import ModelCard
from core.models.weights import save_card
from core.reporting.documents.files import DOCUMENTS, PARTS, Document, renewed, with_part
from core.reporting.documents.published import (
    FIGURES,
    PUBLISHED_COLUMNS,
    field_sentence,
    field_table,
    read_published,
    spread,
    standings,
)
from core.reporting.documents.results import default_table, review_table
from core.reporting.documents.synthetic import synthetic_text
from core.reporting.markdown import figure, table
from core.results.folder import RESULTS_FOLDER, RESULTS_VARIABLE
from tests.support.sources import REPOSITORY

LONGEST_README = 130
PUBLISHED = {
    "who": ["Good", "Middling", "Unread"],
    "address": ["https://example.org/a", "https://example.org/b", "https://example.org/c"],
    "read": ["2026-11-23", "2026-11-23", ""],
    "accuracy": [0.96, 0.90, 0.85],
    "auroc": [0.99, None, 0.97],
    "sensitivity": [None, 0.99, None],
    "specificity": [None, 0.75, None],
    "caveat_en": ["one seed", "a | b", "old"],
    "caveat_ko": ["시드 하나", "가", "오래됨"],
    "source": ["read", "read", "not read"],
}


def metric(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.02, "high": value + 0.01}


def card(name: str) -> ModelCard:
    return ModelCard(
        name=name,
        version="1.0.0",
        architecture="resnet18",
        size_px=64,
        sha256=f"{name:0<64}",
        temperature=1.5,
        threshold=0.3,
        review_low=0.2,
        review_high=0.5,
        review_alpha=0.01,
        cam_scale=0.1,
        run=f"{name}-run",
        parameters=11_000_000,
    )


def evaluate(results: Path, name: str, accuracy: float, dataset: str = "test") -> dict[str, Any]:
    """Write an evaluation as ``python -m core evaluate`` does."""
    figures = dict.fromkeys(
        ("sensitivity", "specificity", "ppv", "npv", "f1", "auroc", "auprc"), metric(0.95)
    ) | dict.fromkeys(("brier", "log_loss", "ece"), metric(0.03))
    counts = {"tn": 200, "fp": 34, "fn": 4, "tp": 386}
    rest = {"accuracy": metric(0.98), "sensitivity": metric(0.99), "specificity": metric(0.96)}
    summary = {
        "model": name,
        "version": "1.0.0",
        "weights_sha256": f"{name:0<64}",
        "dataset": dataset,
        "n": 624,
        "patients": 426,
        "threshold": 0.3,
        "confusion": counts,
        "accuracy": metric(accuracy),
        **figures,
        "review": {"low": 0.2, "high": 0.5, "n": 50, "share": 0.080128, "rest": rest},
        "subgroups": {"shared_number": {"sensitivity": metric(0.9), "auroc": metric(0.94)}},
    }
    folder = results / "evaluations" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{dataset}.json").write_text(json.dumps(summary), encoding="utf-8")
    pd.DataFrame({"image": [], "logit": []}).to_csv(folder / f"{dataset}.csv", index=False)
    return summary


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Three published results."""
    folder = tmp_path / "results"
    folder.mkdir()
    pd.DataFrame(PUBLISHED).to_csv(folder / "published.csv", index=False)
    return folder


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Two models that ship, the default one first, and a second seed of it."""
    folder = tmp_path / "weights"
    for name in ("densenet121", "densenet121@1", "small"):
        save_card(card(name), None, folder)
    return folder


def figures(rows: Mapping[str, Any]) -> list[float]:
    return [rows["value"], rows["low"], rows["high"]]


class TestMarkdown:
    def test_a_cell_is_one_line_and_keeps_its_bars(self) -> None:
        assert table(["a"], [["one\n two | three"]]).splitlines()[-1] == r"| one two \| three |"

    @pytest.mark.parametrize("nothing", [None, {"value": None, "low": None, "high": None}])
    def test_what_is_not_there_is_a_dash(self, nothing: Mapping[str, Any] | None) -> None:
        assert figure(nothing) == "-"


class TestPublished:
    def test_every_row_that_is_kept_says_who_where_and_what_was_read(self) -> None:
        rows = read_published(RESULTS_FOLDER)
        assert tuple(rows.columns) == PUBLISHED_COLUMNS
        assert rows["address"].str.startswith("https://").all()
        assert rows["who"].is_unique
        for words in ("who", "source", *(f"caveat_{language}" for language in LANGUAGES)):
            assert (rows[words].str.strip() != "").all()
        assert rows["accuracy"].notna().all()
        for read, source in zip(rows["read"], rows["source"], strict=True):
            assert source.startswith("read") if read else source.startswith("not read")
            if read:
                date.fromisoformat(read)

    def test_a_percentage_is_refused(self, results: Path) -> None:
        pd.DataFrame(PUBLISHED | {"auroc": [99.1, None, 0.9]}).to_csv(results / "published.csv")
        with pytest.raises(ValueError, match="no share"):
            read_published(results)

    def test_no_file_is_no_row(self, tmp_path: Path) -> None:
        assert read_published(tmp_path).empty


class TestField:
    def test_ours_stand_among_the_published_by_accuracy(self, results: Path, weights: Path) -> None:
        evaluate(results, "densenet121", 0.92)
        evaluate(results, "small", 0.97)
        rows = standings("en", results, weights)
        assert [row.accuracy for row in rows] == [0.97, 0.96, 0.92, 0.9, 0.85]
        assert rows[0].who == "**small 1.0.0**"
        assert rows[0].cells[0] == "**0.970 (0.950 - 0.980)**"
        assert rows[1].cells == ("0.960", "0.990", "-", "-")
        assert rows[1].who == "[Good](https://example.org/a)"

    def test_a_row_that_was_not_read_says_so(self, results: Path, weights: Path) -> None:
        caveats = {row.who: row.caveat for row in standings("ko", results, weights)}
        assert caveats["[Good](https://example.org/a)"] == "시드 하나"
        assert caveats["[Unread](https://example.org/c)"].startswith("오래됨; ")

    def test_seeds_are_a_row_of_their_own(self, results: Path, weights: Path) -> None:
        for name, accuracy in (("", 0.95), ("@1", 0.93), ("@2", 0.94)):
            evaluate(results, f"densenet121{name}", accuracy)
        ours = [row for row in standings("en", results, weights) if row.who.startswith("**")]
        assert [row.who for row in ours] == [
            "**densenet121 1.0.0**",
            "**densenet121, mean of 3 seeds**",
        ]
        assert ours[1].cells[0] == "**0.940 (0.930 - 0.950)**"

    def test_seeds_alone_are_no_row(self, results: Path, weights: Path) -> None:
        evaluate(results, "densenet121@1", 0.95)
        assert not [row for row in standings("en", results, weights) if row.who.startswith("**")]

    def test_the_sentence_counts_places_and_what_the_interval_holds(
        self, results: Path, weights: Path
    ) -> None:
        assert "None of our models" in field_sentence("en", results, weights)
        evaluate(results, "densenet121", 0.91)
        sentence = field_sentence("en", results, weights)
        assert "densenet121 1.0.0, would be number 2 of 4" in sentence
        assert "0.890 to 0.920, holds 1 of the 3" in sentence
        evaluate(results, "small", 0.965)
        assert "small 1.0.0: number 1 of 4" in field_sentence("en", results, weights)

    def test_there_is_a_table_without_any_published_row(
        self, tmp_path: Path, weights: Path
    ) -> None:
        evaluate(tmp_path, "densenet121", 0.91)
        assert "number 1 of 1" in field_table("en", tmp_path, weights)

    def test_the_spread_of_an_undefined_metric_is_undefined(self) -> None:
        seeds = [{"auroc": {"value": None}}, {"auroc": {"value": 0.9}}]
        assert figures(spread(seeds, "auroc")) == [None, None, None]

    @pytest.mark.parametrize("language", list(LANGUAGES))
    def test_every_language_has_the_same_figures(
        self, language: str, results: Path, weights: Path
    ) -> None:
        evaluate(results, "densenet121", 0.91)
        english = [row.cells for row in standings("en", results, weights)]
        assert [row.cells for row in standings(language, results, weights)] == english
        assert all(len(cells) == len(FIGURES) for cells in english)


class TestReview:
    @pytest.fixture(autouse=True)
    def ours(self, results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(RESULTS_VARIABLE, str(results))
        monkeypatch.setattr(core.reporting.documents.results, "own_models", lambda: ("small",))

    def test_it_says_what_is_reviewed_and_how_the_rest_fares(self, results: Path) -> None:
        evaluate(results, "small", 0.92)
        last = review_table("en").splitlines()[-1]
        assert "| 0.080 | 0.980 (0.960 - 0.990) | 0.920 (0.900 - 0.930) |" in last

    def test_a_band_that_holds_every_film_leaves_no_rest(self, results: Path) -> None:
        summary = evaluate(results, "small", 0.92)
        summary["review"] |= {"share": 1.0, "rest": None}
        file = results / "evaluations" / "small" / "test.json"
        file.write_text(json.dumps(summary), encoding="utf-8")
        assert "| 1.000 | - |" in review_table("en")

    def test_without_a_band_there_is_a_line(self) -> None:
        assert "not been measured" in review_table("en")


class TestDocuments:
    @pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.file.name)
    def test_what_they_say_is_what_was_measured(self, document: Document) -> None:
        words = document.file.read_text(encoding="utf-8")
        assert renewed(document) == words, "run python -m core readme"

    @pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
    def test_a_readme_is_short(self, name: str) -> None:
        words = (REPOSITORY / name).read_text(encoding="utf-8")
        assert len(words.splitlines()) <= LONGEST_README
        assert "medical device" in words or "의료기기" in words

    def test_every_link_to_a_file_leads_to_one(self) -> None:
        pages = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md")]
        for page in pages:
            for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
                if "://" not in link:
                    assert (page.parent / link).exists(), f"{page.name}: {link}"

    def test_every_part_stands_in_a_document(self) -> None:
        assert {part for document in DOCUMENTS for part in document.parts} == set(PARTS)

    def test_the_default_model_has_a_row_a_set_and_its_operating_point(
        self, results: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(RESULTS_VARIABLE, str(results))
        own = core.reporting.documents.results
        monkeypatch.setattr(own, "own_models", lambda: ("densenet121", "small"))
        monkeypatch.setattr(own, "load_card", card)
        assert "No model" in default_table("en")
        for name, accuracy in (("densenet121", 0.95), ("small", 0.9)):
            evaluate(results, name, accuracy)
        evaluate(results, "densenet121", 0.99, "validation")
        words = default_table("en")
        assert "0.950 (0.930 - 0.960)" in words
        assert words.count("| 0.080 |") == 2
        assert "0.900" not in words
        assert "densenet121 1.0.0" in words
        assert "0.300" in words

    def test_a_missing_mark_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="unpack"):
            with_part("no mark", "results", "a table")

    def test_check_tells_and_writing_mends(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file, helps = tmp_path / "README.md", tmp_path / "command_line.md"
        marks = (f"<!-- {name}: begin -->\nold\n<!-- {name}: end -->" for name in PARTS)
        file.write_text("before\n" + "\n".join(marks) + "\nafter\n", encoding="utf-8")
        monkeypatch.setattr(core.cli.readme, "DOCUMENTS", (Document(file, tuple(PARTS)),))
        monkeypatch.setattr(core.cli.readme, "HELP_PAGE", helps)
        monkeypatch.setattr(core.cli.readme, "help_page", lambda: "help")
        assert main(["--check"]) == 1
        assert "README.md, command_line.md" in capsys.readouterr().err
        assert "old" in file.read_text(encoding="utf-8")
        assert main([]) == 0
        written = file.read_text(encoding="utf-8")
        assert written.startswith("before\n")
        assert written.endswith("\nafter\n")
        assert "old" not in written.splitlines()
        assert helps.read_text(encoding="utf-8") == "help"
        assert main(["--check"]) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_synthetic_films_are_told_as_they_were_measured(tmp_path: Path, language: str) -> None:
    assert "python -m core generate measure" in synthetic_text(language, tmp_path)
    alike = {"fid": 12.5, "kid": 0.25, "precision": 0.75, "recall": 0.5}
    figures = {"n": 100, "n_held_out": 40, "synthetic": alike, "real": {**alike, "fid": 3.0}}
    copies = {"n": 1, "of": 100}
    content = {
        "version": "1.0.0",
        "features": "a network",
        "likeness": dict.fromkeys(CLASSES, figures),
        "memorisation": {
            "percentile": 1.0,
            "copies": dict.fromkeys(CLASSES, copies),
            "held_out": {"n": 3, "of": 80},
        },
    }
    (tmp_path / "synthetic").mkdir()
    (tmp_path / "synthetic" / "metrics.json").write_text(json.dumps(content))
    told = synthetic_text(language, tmp_path)
    assert told.count("12.500 | 0.250 | 0.750 | 0.500") == len(CLASSES)
    assert told.count("3.000") == len(CLASSES)
    for number in ("200", "80", "1.0.0", "a network"):
        assert number in told.split("\n\n")[-1]
