"""The model card: what it says is what the results say, and what is not measured it calls so."""

import json
import re
import string
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.cli.card import main
from core.evaluation.gate import counted, stopped
from core.evaluation.masking import HOT_SHARE, RANDOM_MASKS
from core.models import ModelCard
from core.models.weights import WEIGHTS_FOLDER, save_card
from core.reporting.documents import models
from core.reporting.markdown import NOT_MEASURED
from core.reporting.model_card import checklist
from core.reporting.model_card.checklist import (
    NO,
    NOT_APPLICABLE,
    PARTLY,
    STATES,
    YES,
    read_checklist,
)
from core.reporting.model_card.facts import gather
from core.reporting.model_card.files import ROOT, made
from core.reporting.model_card.page import page, reporting_page
from core.reporting.model_card.words import values_of
from core.results.folder import RESULTS_FOLDER
from core.results.predictions import PREDICTION_COLUMNS
from core.results.runs import HISTORY_COLUMNS
from tests.reporting.test_readme import card, evaluate

LONGEST_CARD = 80
CHECKLISTS = ("claim", "stard")
LISTS = Path(checklist.__file__).parent
SPLIT = {"NORMAL": 10, "PNEUMONIA": 30, "patients": 25}


def write(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content), encoding="utf-8")


def run(results: Path, name: str, init: str = "none", **config: Any) -> None:
    """Write a finished run."""
    settings = {
        "init": init,
        "size_px": 64,
        "batch_size": 32,
        "learning_rate": 0.001,
        "augmentation": "all",
        "mixup_prob": 0.3,
        "balance": "none",
        "ema_decay": 0.99,
        "folds": 8,
        "seed": 0,
    }
    summary = {
        "config": settings | config,
        "precision": "32-true",
        "versions": {"torch": "2.14.1"},
        "data": {"splits": {"train": SPLIT, "validation": SPLIT}},
        "epochs_run": 4,
        "best_epoch": 3,
        "converged": True,
        "val_loss": 0.1,
        "training_seconds": 1800,
        "metrics": {"validation": {"n": 40}},
    }
    folder = results / "runs" / name
    write(folder / "run.json", summary)
    pd.DataFrame(columns=list(HISTORY_COLUMNS)).to_csv(folder / "history.csv", index=False)
    pd.DataFrame(columns=list(PREDICTION_COLUMNS)).to_csv(folder / "predictions.csv", index=False)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder of results with nothing in it."""
    folder = tmp_path / "results"
    folder.mkdir()
    return folder


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """``densenet121`` ships, the default, and ``small``."""
    folder = tmp_path / "weights"
    for name in ("densenet121", "small"):
        save_card(card(name), b"weights", folder)
    return folder


@pytest.fixture
def full(results: Path, weights: Path) -> Path:
    """Everything that can be measured, measured."""
    run(results, "first-run", "imagenet")
    run(results, "teacher-run")
    start = "results/runs/first-run/weights.safetensors"
    run(results, "densenet121-run", start, teacher="teacher-run")
    run(results, "small-run", "imagenet")
    for name, accuracy in (("densenet121", 0.95), ("densenet121@1", 0.93), ("small", 0.9)):
        evaluate(results, name, accuracy)
    evaluate(results, "densenet121", 0.99, "validation")
    evaluate(results, "densenet121", 0.55, "nih_adult")
    candidate = {
        "runs": ["densenet121-run"],
        "auroc": {"plain": 0.999, "dark": 0.981},
        "plain_log_loss": 0.05,
        "worst_condition": "dark",
        "worst_auroc": 0.981,
    }
    other = candidate | {"runs": ["small-run"], "worst_auroc": 0.97}
    record = {"why": "which recipe", "rule": "worst", "date": "2026-11-23"}
    record |= {"candidates": [other, candidate], "chosen": ["densenet121-run"]}
    write(results / "selection" / "recipe.json", record)
    masking = {
        "films": 200,
        "lowered": {"grad_cam": 0.85},
        "hot_share": HOT_SHARE,
        "random_masks": RANDOM_MASKS,
    }
    masking["weights_sha256"] = card("densenet121").sha256
    write(results / "masking" / "densenet121.json", masking)
    films = counted([]) | {"n": 654, "doubtful": 7, "refused": 1}
    others = stopped([]) | {"n": 400, "refused": 390, "doubtful": 8, "let_in": 2}
    gate = {"held_out_films": {"conditions": {"plain": films}, "lying": {}}}
    gate |= {"non_films_total": others, "non_films": {}, "elsewhere": {"nih_adult": films}}
    write(results / "gate.json", gate)
    (results / "data").mkdir()
    shared = {"names": 170, "test_films": 320}
    summary = {"films": 5856, "patients": 3117, "identical": {"groups": 30, "films": 62}}
    summary |= {"patient_names_in_training_and_test": shared}
    summary |= {"image_sizes": [{"width_px": 224, "height_px": 220, "films": 5856}]}
    write(results / "data" / "summary.json", summary)
    counts = {"split": "test", "label": "NORMAL", "films": 234, "patients": 224}
    table = pd.DataFrame([counts | {"bacteria": 0, "virus": 0, "median_kb": 7}])
    table.to_csv(results / "data" / "counts.csv", index=False)
    looks = pd.DataFrame(
        {"weights_sha256": ["a", "a", "b", "c"], "accuracy": [0.9, 0.9, 0.8, None]}
    )
    looks.to_csv(results / "test_looks.csv", index=False)
    return results


class TestChecklists:
    def test_they_are_whole(self) -> None:
        values = values_of(gather(RESULTS_FOLDER, Path("nowhere")))
        claim, stard = (read_checklist(name, values) for name in CHECKLISTS)
        assert [item.number for item in claim] == [str(number) for number in range(1, 45)]
        numbers = [item.number.rstrip("abcd") for item in stard]
        assert list(dict.fromkeys(numbers)) == [str(number) for number in range(1, 41)]
        assert len(stard) == 48
        for item in (*claim, *stard):
            assert item.asks
            assert item.answer

    @pytest.mark.parametrize("name", CHECKLISTS)
    def test_no_figure_of_a_result_is_typed(self, name: str) -> None:
        for item in tomllib.loads((LISTS / f"{name}.toml").read_text(encoding="utf-8"))["item"]:
            typed = "".join(words for words, *_ in string.Formatter().parse(item["answer"]))
            if "Targets" not in typed:
                assert not re.search(r"(?<![\w.-])0\.\d", typed), item["number"]

    @pytest.mark.parametrize(
        ("state", "answer", "expected"),
        [
            (YES, "as said", YES),
            (YES, "{there}", YES),
            (YES, "{there} and {missing}", PARTLY),
            (YES, "{missing}", NO),
            (PARTLY, "{there} and {missing}", PARTLY),
            (PARTLY, "{missing}", NO),
            (NO, "{there}", NO),
            (NOT_APPLICABLE, "{missing}", NOT_APPLICABLE),
        ],
    )
    def test_what_is_not_measured_is_not_done(
        self,
        state: str,
        answer: str,
        expected: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        entry = f'[[item]]\nnumber = "1"\nasks = "a"\nstate = "{state}"\nanswer = "{answer}"\n'
        (tmp_path / "some.toml").write_text(entry, encoding="utf-8")
        monkeypatch.setattr(checklist, "__file__", str(tmp_path / "checklist.py"))
        (item,) = read_checklist("some", {"there": "0.9", "missing": NOT_MEASURED})
        assert item.state == expected

    def test_an_unknown_state_is_an_error(self) -> None:
        with pytest.raises(ValueError, match=f"one of .*{STATES[0]}"):
            checklist.Item("1", "asks", "perhaps", "answer")


class TestFacts:
    def test_a_run_brings_those_that_it_learnt_from(self, full: Path, weights: Path) -> None:
        facts = gather(full, weights)
        assert list(facts["runs"]) == ["first-run", "teacher-run", "densenet121-run", "small-run"]
        assert facts["compute"] == {"runs": 4, "epochs": 16, "training_seconds": 7200}

    def test_a_model_carries_its_evaluations_seeds_choices_and_masking(
        self, full: Path, weights: Path
    ) -> None:
        default, small = gather(full, weights)["models"]
        assert list(default["evaluations"]) == ["test", "validation", "nih_adult"]
        assert default["seeds"]["test"]["n"] == 2
        assert default["seeds"]["test"]["accuracy"]["value"] == pytest.approx(0.94)
        assert default["seeds"]["validation"] is None
        assert default["choices"] == ["recipe"]
        assert default["file_bytes"] == len(b"weights")
        assert small["masking"] is None

    def test_masking_of_other_weights_does_not_count(self, full: Path, weights: Path) -> None:
        file = full / "masking" / "densenet121.json"
        masking = json.loads(file.read_text(encoding="utf-8")) | {"weights_sha256": "older"}
        write(file, masking)
        assert gather(full, weights)["models"][0]["masking"] is None

    def test_an_ensemble_is_told_by_its_members(self, full: Path, weights: Path) -> None:
        single = card("pair")
        fields = {name: getattr(single, name) for name in ModelCard.__dataclass_fields__}
        fields |= {"architecture": "ensemble", "members": ("densenet121", "small")}
        fields |= {"run": "densenet121-run+small-run"}
        save_card(ModelCard(**fields), None, weights)
        values = values_of(gather(full, weights))
        assert "pair 1.0.0 of densenet121 and small" in values["ensembles"]
        assert "pair 1.0.0 (Mean logit of densenet121 and small)" in values["models"]


def everything(facts: dict[str, Any]) -> str:
    """The card, the checklists, and the tables of the same facts that stand in the docs."""
    tables = (
        models.models_table,
        models.subgroups,
        models.seeds,
        models.heatmaps,
        models.gate,
        models.records_table,
        models.runs_table,
        models.training_commands,
    )
    pages = (page(facts), reporting_page(facts), facts["field"])
    return "\n\n".join([*pages, *(made(facts) for made in tables)])


class TestPage:
    def test_the_card_is_one_page(self, full: Path, weights: Path) -> None:
        assert len(page(gather(full, weights)).splitlines()) <= LONGEST_CARD

    def test_it_says_what_was_measured(self, full: Path, weights: Path) -> None:
        words = everything(gather(full, weights))
        for said in (
            "accuracy 0.950 (0.930 - 0.960)",
            "mean of 2 seeds, with the lowest and the highest: accuracy 0.940 (0.930 - 0.950)",
            "shared number: sensitivity 0.900 (0.880 - 0.910)",
            "8.0% under review (50 of 624)",
            "of 200 held-out true positives, in 85.0% (Grad-CAM)",
            "8 of 654 held-out films are doubted or refused; of 400 pictures that are no films 390",
            "8 of 654 films of nih_adult",
            "worst of 2 conditions dark with AUROC 0.981, plain 0.999",
            "| which recipe | densenet121-run | 0.981 (dark) | 0.999 | chosen |",
            "3 times (2 sets of weights)",
            "4 runs, 16 epochs, 2.0 hours",
            "| densenet121-run | the weights of an earlier run | teacher-run | 64 px | 4 (3) |",
            "5,856 anterior-posterior films of 3,117 patients",
            "224 x 220",
            "TN 200, FP 34, FN 4, TP 386",
            "would be number 1 of 1",
        ):
            assert said in words, said

    def test_no_template_is_left_open_and_no_table_broken(self, full: Path, weights: Path) -> None:
        words = everything(gather(full, weights))
        assert "{" not in words
        bars: set[int] = set()
        for line in words.replace(r"\|", "").splitlines():
            if not line.startswith("|"):
                bars = set()
                continue
            bars.add(line.count("|"))
            assert len(bars) == 1, line

    def test_without_results_it_says_so(self, results: Path, weights: Path) -> None:
        words = page(gather(results, weights))
        assert f"accuracy {NOT_MEASURED}" in words
        assert f"Films that the input gate stops: {NOT_MEASURED}." in words
        assert "{" not in words

    def test_without_models_there_is_still_a_page(self, results: Path, tmp_path: Path) -> None:
        assert "No model ships." in page(gather(results, tmp_path / "none"))


class TestCommand:
    def test_check_tells_and_writing_mends(
        self, full: Path, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "MODEL_CARD.md"
        arguments = ["--results", str(full), "--weights", str(weights), "--page", str(file)]
        assert main([*arguments, "--check"]) == 1
        assert "MODEL_CARD.md, model_card.json" in capsys.readouterr().err
        assert not file.exists()
        assert main(arguments) == 0
        assert main([*arguments, "--check"]) == 0
        facts = json.loads((weights / "card" / "model_card.json").read_text(encoding="utf-8"))
        assert [model["name"] for model in facts["models"]] == ["densenet121", "small"]
        evaluate(full, "densenet121", 0.5)
        assert main([*arguments, "--check"]) == 1

    def test_a_card_that_cannot_be_read_is_told(
        self, results: Path, weights: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(weights / "small.json", {"name": "small"})
        assert main(["--results", str(results), "--weights", str(weights)]) == 1
        assert "small.json" in capsys.readouterr().err

    def test_a_command_that_trains_a_run_again_is_given(self, full: Path, weights: Path) -> None:
        words = models.training_commands(gather(full, weights))
        assert "python -m core train small-run --init imagenet --size-px 64 --balance none" in words
        outdated: tuple[dict[str, Any], ...] = ({"unheard_of": 1}, {"augmentation": "strong"})
        for earlier in outdated:
            run(full, "small-run", **earlier)
            words = models.training_commands(gather(full, weights))
            assert "# small-run: trained by an earlier version" in words

    def test_the_model_card_here_is_that_of_the_results(self) -> None:
        for file, words in made(RESULTS_FOLDER, WEIGHTS_FOLDER, ROOT / "MODEL_CARD.md").items():
            assert file.is_file(), f"run python -m core card: {file.name}"
            assert file.read_text(encoding="utf-8") == words, "run python -m core card"
