"""Choosing by the worst stress condition, and the record without which no test film is opened."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from core.cli.select import main as select
from core.data.conditions import CONDITIONS, PLAIN
from core.evaluation.readings import stress_of
from core.evaluation.selection import check_selected, choose, figures_of
from core.messages.errors import RunMissing, SelectionMissing, SelectionNotCommitted
from core.metrics.logits import sigmoid
from core.results.model_records import Candidate
from tests.support.runs import write_record, write_run

TRUTH = np.array([0, 0, 0, 1, 1, 1])
SURE = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])


def write_stress(results: Path, name: str, **logits: np.ndarray) -> None:
    """Write a run whose logits are ``SURE`` under each condition but those given."""
    folder = write_run(results, name)
    table = pd.DataFrame({"image": [f"{number}.png" for number in range(6)], "truth": TRUTH})
    columns = {condition: logits.get(condition, SURE) for condition in CONDITIONS}
    table.assign(**columns).to_csv(folder / "stress.csv", index=False)


def _set(results: Path, name: str, **config: object) -> None:
    """Change settings of a run."""
    file = results / "runs" / name / "run.json"
    summary = json.loads(file.read_text())
    file.write_text(json.dumps({**summary, "config": {**summary["config"], **config}}))


class TestFigures:
    def test_a_candidate_is_judged_by_its_worst_condition(self, tmp_path: Path) -> None:
        dark = np.array([-3.0, -2.0, 1.5, 1.0, 2.0, 3.0])  # 8 of 9 pairs in order
        blur = np.array([-3.0, 2.5, 1.5, 1.0, 2.0, 3.0])  # 6 of 9
        write_stress(tmp_path, "one", dark=dark, blur=blur)
        figures = figures_of(["one"], tmp_path)
        assert figures.runs == ("one",)
        assert (figures.worst_condition, figures.worst_auroc) == ("blur", round(6 / 9, 5))
        assert figures.auroc["dark"] == round(8 / 9, 5)
        assert figures.auroc[PLAIN] == 1.0
        by_hand = -np.log([*sigmoid(-SURE[:3]), *sigmoid(SURE[3:])]).mean()
        assert figures.plain_log_loss == pytest.approx(by_hand, abs=1e-5)

    def test_logits_are_averaged_before_they_are_judged(
        self, tmp_path: Path, random: np.random.Generator
    ) -> None:
        logits = {name: random.normal(SURE / 3, 1, (len(CONDITIONS), 6)) for name in "abc"}
        for name, values in logits.items():
            write_stress(tmp_path, name, **dict(zip(CONDITIONS, values, strict=True)))
        mean = sum(logits.values()) / 3
        assert np.allclose(stress_of(list("abc"), tmp_path)[list(CONDITIONS)], mean.T)
        figures = figures_of(list("abc"), tmp_path)
        for condition, values in zip(CONDITIONS, mean, strict=True):
            expected = roc_auc_score(TRUTH, values)
            assert figures.auroc[condition] == pytest.approx(expected, abs=1e-5)
        expected = log_loss(TRUTH, sigmoid(mean[CONDITIONS.index(PLAIN)]))
        assert figures.plain_log_loss == pytest.approx(expected, abs=1e-5)

    def test_other_seeds_of_the_same_recipe_count_alike(self, tmp_path: Path) -> None:
        worse = np.array([-3.0, 2.5, 1.5, 1.0, 2.0, 3.0])  # 6 of 9 pairs in order
        for name, seed, blur in (("one", 0, SURE), ("two", 1, worse), ("pale", 0, worse)):
            write_stress(tmp_path, name, blur=blur)
            _set(tmp_path, name, seed=seed, epochs=9 if name == "pale" else 8)
        figures = figures_of(["one"], tmp_path)
        assert (figures.seeds, figures.runs) == (2, ("one",))
        assert figures.auroc["blur"] == round((1 + 6 / 9) / 2, 5)
        assert figures_of(["two"], tmp_path).auroc == figures.auroc
        assert figures_of(["pale"], tmp_path).seeds == 1, "another recipe"
        assert figures_of(["one", "pale"], tmp_path).seeds == 1, "pale has no second seed"
        assert figures_of(["one", "two"], tmp_path).seeds == 1, "both seeds are in it"

    def test_the_best_of_the_worst_is_chosen_and_log_loss_parts_equals(self) -> None:
        def candidate(name: str, worst: float, loss: float) -> Candidate:
            return Candidate((name,), {"blur": worst}, loss, "blur", worst)

        low = candidate("low", 0.97, 0.01)
        high = candidate("high", 0.98, 0.30)
        calm = candidate("calm", 0.9797, 0.20)  # 654 films do not tell it from 0.98
        assert choose([low, high]) is high
        for order in ([low, high, calm], [calm, high, low]):
            assert choose(order) is calm


class TestSelectCommandLine:
    def test_it_records_the_choice_with_its_grounds(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        blur = np.array([-3.0, 2.5, 1.5, 1.0, 2.0, 3.0])
        write_stress(tmp_path, "one", blur=blur)
        write_stress(tmp_path, "two", blur=-blur)
        write_stress(tmp_path, "three")
        options = ["recipe", "one", "two", "one+three", "--why", "which?"]
        assert select([*options, "--results", str(tmp_path)]) == 0
        assert capsys.readouterr().out.splitlines()[-1] == "Chosen: one+three"
        record = json.loads((tmp_path / "selection" / "recipe.json").read_text())
        assert record["why"] == "which?"
        assert record["chosen"] == ["one", "three"]
        assert [Candidate(**each) for each in record["candidates"]] == [
            figures_of(runs, tmp_path) for runs in (["one"], ["two"], ["one", "three"])
        ]

    @pytest.mark.parametrize(
        ("candidate", "told"),
        [("bare", "bare"), ("nobody", "no run in nobody"), ("elsewhere", "different films")],
    )
    def test_what_cannot_be_compared_is_not_recorded(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], candidate: str, told: str
    ) -> None:
        write_stress(tmp_path, "one")
        write_run(tmp_path, "bare")
        write_run(tmp_path, "elsewhere", fold=2)
        assert select(["x", "one", candidate, "--why", "y", "--results", str(tmp_path)]) == 1
        printed = capsys.readouterr().err
        assert printed.startswith("error: ")
        assert told in printed
        assert not (tmp_path / "selection").exists()


def git(folder: Path, *arguments: str) -> None:
    """Run Git without this machine's settings."""
    mine = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    person = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    command = ["git", "-C", str(folder), *person, *arguments]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **mine})


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--message", "record")


class TestCheckSelected:
    @pytest.fixture(autouse=True)
    def _repository(self, tmp_path: Path) -> None:
        """A repository with four runs: two recipes, one of them with two seeds."""
        git(tmp_path, "init")
        self.results = tmp_path / "results"
        for name, recipe in {
            "strong": {"augmentation": "strong", "seed": 0},
            "strong-1": {"augmentation": "strong", "seed": 1},
            "light": {"augmentation": "light", "seed": 0},
            "light-1": {"augmentation": "light", "seed": 1},
        }.items():
            write_run(self.results, name, **recipe)

    def check(self, *runs: str) -> None:
        check_selected(runs, self.results)

    def test_without_a_record_nothing_was_chosen(self) -> None:
        with pytest.raises(SelectionMissing, match="strong"):
            self.check("strong")

    def test_a_record_counts_once_it_is_committed_as_it_stands(self) -> None:
        record = write_record(self.results, "recipe", ["strong"])
        with pytest.raises(SelectionNotCommitted, match=r"recipe\.json"):
            self.check("strong")
        git(self.results, "add", str(record))
        with pytest.raises(SelectionNotCommitted):
            self.check("strong")
        commit(self.results)
        self.check("strong")
        write_record(self.results, "recipe", ["strong"], note={"changed": "later"})
        with pytest.raises(SelectionNotCommitted):
            self.check("strong")
        commit(self.results)
        self.check("strong")

    def test_a_setting_that_came_later_stands_at_what_was_done_before(self) -> None:
        recipe = {"augmentation": "strong", "seed": 7, "reading_size_px": 0}
        write_run(self.results, "later", **recipe, teacher="none")
        write_run(self.results, "taught", **recipe, teacher="strong")
        write_record(self.results, "recipe", ["strong"])
        commit(self.results)
        self.check("later")
        with pytest.raises(SelectionMissing):
            self.check("taught")

    def test_a_record_of_another_recipe_or_of_a_part_does_not_count(self) -> None:
        write_record(self.results, "recipe", ["light"])
        write_record(self.results, "ensemble", ["light", "strong"])
        commit(self.results)
        for runs in (["strong"], ["light", "light"], ["light", "strong", "light"]):
            with pytest.raises(SelectionMissing):
                self.check(*runs)

    def test_a_choice_holds_for_other_seeds_of_its_recipe(self) -> None:
        write_record(self.results, "recipe", ["strong"])
        write_record(self.results, "ensemble", ["strong", "light"])
        commit(self.results)
        self.check("strong-1")
        self.check("strong-1", "light-1")
        self.check("light", "strong-1")

    def test_one_committed_record_is_enough(self) -> None:
        write_record(self.results, "b-recipe", ["strong"])
        commit(self.results)
        write_record(self.results, "a-draft", ["strong"])
        self.check("strong")

    def test_a_run_that_is_not_there_was_not_chosen(self) -> None:
        with pytest.raises(RunMissing, match="nobody"):
            self.check("nobody")


def test_outside_of_a_repository_a_record_is_taken_at_its_word(tmp_path: Path) -> None:
    write_run(tmp_path, "strong")
    write_record(tmp_path, "recipe", ["strong"])
    check_selected(["strong"], tmp_path)
