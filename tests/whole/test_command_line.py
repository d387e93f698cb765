"""The command lines that read films with finished runs: predict, evaluate, stress, publish."""

import contextlib
import csv
import json
import math
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

import core.evaluation.evaluate
from core.cli.evaluate import main as evaluate
from core.cli.predict import main as predict
from core.cli.publish import main as publish
from core.cli.stress import main as stress
from core.data.conditions import CONDITIONS, PLAIN
from core.evaluation.evaluate import films_of
from core.evaluation.readings import pooled, stress_of
from core.imaging import read_film_file
from core.imaging.preprocess import squash
from core.inference.gate import GATE_VARIABLE, Gate
from core.inference.lungs import image_of
from core.inference.model import Diagnostician
from core.messages.errors import FolderMissing, RunMissing, WeightsMissing
from core.metrics.calibration import balanced_threshold, choose_band, fit_temperature
from core.metrics.classification import METRICS
from core.models import load_card
from core.models.weights import load_network, save_card
from core.results.evaluations import read_evaluations
from core.results.folder import write_json
from core.results.runs import read_run
from core.training.classifier.config import TrainConfig
from core.training.classifier.films import films_of_run
from core.training.classifier.run import train
from tests.conftest import draw_data_folder, draw_film, patient_name
from tests.support.predicting import Predicting
from tests.support.runs import ON_CPU, write_record, write_run
from tests.support.tiny import CANVASES, STAND_IN, in_the_registry

KEYS = ["file", "model", "verdict", "label", "probability", "threshold"]
KEYS += ["population", "warnings", "error"]


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A folder with films in folders, and hidden ones."""
    for seed, name in enumerate(("b.png", "a/z.png", "a/b/c.png", "c.png")):
        draw_film(tmp_path / "films" / name, seed)
    draw_film(tmp_path / "films" / ".hidden.png", 9)
    draw_film(tmp_path / "films" / ".thumbnails" / "b.png", 9)
    return tmp_path / "films"


def logit_of(line: dict[str, Any]) -> float:
    return math.log(line["probability"] / (1 - line["probability"]))


class TestPredict(Predicting):
    def test_a_folder_is_read_in_order_and_hidden_files_are_left_out(self, films: Path) -> None:
        names = [Path(line["file"]).relative_to(films).as_posix() for line in self.lines(films)]
        assert names == ["a/b/c.png", "a/z.png", "b.png", "c.png"]

    def test_a_line_has_these_keys_and_no_others(self, films: Path) -> None:
        for line in self.lines(films):
            assert list(line) == KEYS
            assert line["model"] == "tiny"
            assert line["threshold"] == 0.5
            assert line["label"] in ("NORMAL", "PNEUMONIA")
            assert line["verdict"] == line["label"], "nothing to review"
            assert line["error"] is None
            assert 0 <= line["probability"] <= 1
            assert (line["label"] == "PNEUMONIA") == (line["probability"] >= line["threshold"])

    def test_a_line_says_what_the_app_says(self, films: Path, tiny_weights: Path) -> None:
        diagnostician = Diagnostician.load("tiny", tiny_weights)
        probabilities = set()
        for line in self.lines(films):
            diagnosis = diagnostician.diagnose(read_film_file(Path(line["file"])))
            assert line["probability"] == pytest.approx(diagnosis.probability, abs=1e-5)
            assert (line["verdict"], line["label"]) == (diagnosis.verdict, diagnosis.label)
            probabilities.add(line["probability"])
        assert len(probabilities) == 4, "films are told apart"

    @pytest.mark.parametrize("side", ["under", "on"])
    def test_a_probability_on_the_threshold_is_pneumonia(
        self, films: Path, tiny_weights: Path, tmp_path: Path, side: str
    ) -> None:
        probability = self.lines(films / "b.png")[0]["probability"]
        weights = tmp_path / "weights"
        shutil.copytree(tiny_weights, weights)
        card = json.loads((weights / "tiny.json").read_text())
        threshold = probability if side == "on" else math.nextafter(probability, 1)
        card |= dict.fromkeys(("threshold", "review_low", "review_high"), threshold)
        (weights / "tiny.json").write_text(json.dumps(card))
        line = self.lines(films / "b.png", "--weights", weights)[0]
        assert line["label"] == ("PNEUMONIA" if side == "on" else "NORMAL")

    def test_a_probability_in_the_band_is_for_review_and_keeps_its_label(
        self, films: Path, tiny_weights: Path, tmp_path: Path
    ) -> None:
        before = self.lines(films)
        weights = Path(shutil.copytree(tiny_weights, tmp_path / "weights"))
        card = replace(load_card("tiny", weights), review_low=0.0, review_high=1.0)
        save_card(card, None, weights)
        lines = self.lines(films, "--weights", weights)
        assert {line["verdict"] for line in lines} == {"REVIEW"}
        assert [line["label"] for line in lines] == [line["label"] for line in before]

    def test_an_ensemble_is_a_model_like_another(self, films: Path, tiny_ensemble: Path) -> None:
        alone, other, pair = (
            self.lines(films, "--weights", tiny_ensemble, "--model", name)
            for name in ("tiny", "large", "pair")
        )
        for one, two, both in zip(alone, other, pair, strict=True):
            mean = (2 * logit_of(one) + 2 * logit_of(two)) / 2 / 1.5  # each at its temperature
            assert both["model"] == "pair"
            assert logit_of(both) == pytest.approx(mean, abs=1e-4)

    def test_warnings_are_sentences(self, films: Path, tiny_weights: Path) -> None:
        warning, *of_lungs = self.lines(films / "b.png")[0]["warnings"]
        assert "64 × 64 pixels" in warning
        film = read_film_file(films / "b.png")
        told = Diagnostician.load("tiny", tiny_weights).diagnose(film).notices
        assert of_lungs == [notice.message("en") for notice in told]

    def test_files_are_read_in_the_order_given(self, films: Path) -> None:
        given = [films / "c.png", films / "a" / "z.png", films / "c.png"]
        assert [line["file"] for line in self.lines(*given)] == [str(path) for path in given]

    def test_bad_files_do_not_stop_the_good_ones(self, films: Path) -> None:
        (films / "a" / "text.jpg").write_text("no film")
        (films / "empty.png").touch()
        lines = self.lines(films, films / "gone.png", status=1)
        errors = {Path(line["file"]).name: line["error"] for line in lines if line["error"]}
        assert len(lines) == 7
        assert set(errors) == {"text.jpg", "empty.png", "gone.png"}
        assert "kind of file cannot be read as a film" in errors["text.jpg"]
        assert "empty" in errors["empty.png"]
        assert "no file" in errors["gone.png"]
        for line in lines:
            assert list(line) == KEYS
            if line["error"]:
                said = ("verdict", "label", "probability", "threshold")
                assert {line[key] for key in said} == {None}
                assert line["warnings"] == []

    def test_more_films_than_a_batch_holds_keep_their_order(self, films: Path) -> None:
        (films / "broken.png").write_text("no film")
        once = self.lines(films, status=1)
        five_times = self.lines(*[films] * 5, status=1)
        assert [line["file"] for line in five_times] == [line["file"] for line in once * 5]
        for line, expected in zip(five_times, once * 5, strict=True):
            assert line["error"] == expected["error"]
            assert line["probability"] == pytest.approx(expected["probability"], abs=1e-5)

    def test_an_empty_folder_has_no_lines(self, tmp_path: Path) -> None:
        assert self.lines(tmp_path) == []

    def test_a_name_that_is_not_utf_8_is_escaped(self, tmp_path: Path) -> None:
        film = draw_film(tmp_path / "film.png", 0)
        film.rename(tmp_path / os.fsdecode(b"\xb0\xa1.png"))
        table = tmp_path.parent / "table.csv"
        (line,) = self.lines(tmp_path, "--csv", table)
        assert line["error"] is None
        assert line["file"].endswith("\udcb0\udca1.png")
        assert r"\udcb0\udca1.png" in table.read_text(encoding="utf-8")

    def test_a_korean_name_is_printed_as_it_is(self, tmp_path: Path) -> None:
        draw_film(tmp_path / "흉부.png", 0)
        assert predict([*self.model, "--json", str(tmp_path)]) == 0
        assert "흉부.png" in self.capsys.readouterr().out

    def test_without_json_people_read_it(self, films: Path) -> None:
        (films / "text.png").write_text("no film")
        assert predict([*self.model, str(films)]) == 1
        printed = self.capsys.readouterr().out
        assert f"{films / 'b.png'}: " in printed
        assert f"{films / 'text.png'}: error: This kind of file cannot be read" in printed
        assert "note: " in printed

    def test_a_table_holds_what_is_printed(self, films: Path, tmp_path: Path) -> None:
        (films / "text.png").write_text("no film")
        table = tmp_path / "new folder" / "table.csv"
        lines = self.lines(films, "--csv", table, status=1)
        with table.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert list(rows[0]) == KEYS
        assert [row["file"] for row in rows] == [line["file"] for line in lines]
        for key in ("verdict", "label"):
            assert [row[key] for row in rows] == [line[key] or "" for line in lines]
        assert [row["probability"] for row in rows] == [
            "" if line["error"] else str(line["probability"]) for line in lines
        ]

    def test_no_cell_of_the_table_is_a_formula(self, films: Path, tmp_path: Path) -> None:
        films.rename(tmp_path / "=films")
        (tmp_path / "here").mkdir()
        with contextlib.chdir(tmp_path):
            self.lines("=films", "--csv", "here/table.csv")
        with (tmp_path / "here" / "table.csv").open(encoding="utf-8-sig", newline="") as file:
            assert all(row["file"].startswith("'=films/") for row in csv.DictReader(file))

    def test_a_name_cannot_steer_the_terminal(self, films: Path, tmp_path: Path) -> None:
        film = films / "a\x1b[2J\u202eb\n=c.png"
        (films / "b.png").rename(film)
        assert predict([*self.model, "--csv", str(tmp_path / "table.csv"), str(film)]) == 0
        shown = f"{films}/a\\u001b[2J\\u202eb\\n=c.png"
        assert self.capsys.readouterr().out.startswith(f"{shown}: ")
        (line,) = self.lines(film)
        assert line["file"] == str(film), "JSON has the name itself"
        with (tmp_path / "table.csv").open(encoding="utf-8-sig", newline="") as file:
            assert [row["file"] for row in csv.DictReader(file)] == [shown]

    def test_heatmaps_are_written_beside_each_other(self, films: Path, tmp_path: Path) -> None:
        cams = tmp_path / "cams"
        draw_film(films / "wide.png", 3, side_px=80)
        self.lines(films, "--cam", cams)
        found = sorted(path.relative_to(cams).as_posix() for path in cams.rglob("*.png"))
        assert found == [
            "a/b/c.png.cam.png",
            "a/z.png.cam.png",
            "b.png.cam.png",
            "c.png.cam.png",
            "wide.png.cam.png",
        ]
        with Image.open(cams / "wide.png.cam.png") as picture:
            assert (picture.mode, picture.size) == ("RGB", (80, 80)), "at the film's own size"

    def test_films_of_one_name_keep_a_heatmap_each(self, films: Path, tmp_path: Path) -> None:
        cams = tmp_path / "cams"
        twins = [draw_film(tmp_path / name / "b.png", seed) for seed, name in enumerate("xy")]
        self.lines(*twins, "--cam", cams)
        first, second = (path.read_bytes() for path in sorted(cams.iterdir()))
        assert first != second

    def test_the_heatmap_written_is_that_of_the_diagnosis(
        self, films: Path, tiny_weights: Path, tmp_path: Path
    ) -> None:
        self.lines(films / "b.png", "--cam", tmp_path / "cams")
        diagnosis = Diagnostician.load("tiny", tiny_weights).diagnose(
            read_film_file(films / "b.png")
        )
        with Image.open(tmp_path / "cams" / "b.png.cam.png") as picture:
            np.testing.assert_array_equal(np.asarray(picture), diagnosis.overlay())

    def test_masks_of_the_lungs_are_written_at_the_films_own_size(
        self, films: Path, tiny_weights: Path, tmp_path: Path
    ) -> None:
        masks = tmp_path / "new folder" / "masks"
        draw_film(films / "wide.png", 3, side_px=80)
        self.lines(films, "--lungs", masks)
        found = sorted(path.relative_to(masks).as_posix() for path in masks.rglob("*.png"))
        assert found == [
            f"{name}.lungs.png" for name in ("a/b/c.png", "a/z.png", "b.png", "c.png", "wide.png")
        ]
        film = read_film_file(films / "wide.png")
        expected = Diagnostician.load("tiny", tiny_weights).diagnose(film).lungs
        with Image.open(masks / "wide.png.lungs.png") as picture:
            assert (picture.mode, picture.size) == ("L", (80, 80))
            mask = np.asarray(picture)
        assert set(np.unique(mask)) == {0, 255}
        np.testing.assert_array_equal(mask == 255, expected)

    @pytest.mark.parametrize(
        "arguments",
        [[], ["--jsn", "x"], ["film.png", "--model", "huge"], ["film.png", "--cam"]],
        ids=["no path", "unknown option", "unknown model", "option without value"],
    )
    def test_wrong_usage_is_status_2(self, tiny_weights: Path, arguments: list[str]) -> None:
        try:
            status = predict(["--weights", str(tiny_weights), *arguments])
        except SystemExit as stopped:
            status = stopped.code
        assert status == 2
        printed = self.capsys.readouterr()
        assert printed.out == ""
        assert "error: " in printed.err

    @pytest.mark.parametrize("option", ["--cam", "--csv", "--lungs"])
    def test_an_output_that_cannot_be_written_is_told_first(
        self, films: Path, tmp_path: Path, option: str
    ) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(SystemExit) as stopped:
            predict([*self.model, str(films), option, str(tmp_path / "file" / "below")])
        assert stopped.value.code == 2
        assert "cannot write there" in self.capsys.readouterr().err

    def test_damaged_weights_diagnose_nothing(
        self, films: Path, tiny_weights: Path, tmp_path: Path
    ) -> None:
        weights = Path(shutil.copytree(tiny_weights, tmp_path / "weights"))
        (weights / "tiny.safetensors").write_bytes(b"damaged")
        assert predict(["--model", "tiny", "--weights", str(weights), str(films)]) == 1
        printed = self.capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith("error: The weights file tiny.safetensors is damaged")

    def test_a_damaged_gate_is_told_before_anything_is_read(
        self, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def missing() -> Gate:
            raise WeightsMissing(file="gate.safetensors")

        monkeypatch.delenv(GATE_VARIABLE, raising=False)
        monkeypatch.setattr("core.inference.gate.shared_gate", missing)
        assert predict([*self.model, str(films), "--csv", str(tmp_path / "table.csv")]) == 1
        printed = self.capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith("error: ")


class TestEvaluate:
    @pytest.fixture(autouse=True)
    def _arguments(
        self,
        tiny_weights: Path,
        tiny_data: Path,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.results = tmp_path / "results"
        write_run(self.results, "tiny-run", tiny_data)
        write_record(self.results, "recipe", ["tiny-run"])
        self.common = [
            *("--model", "tiny", "--weights", str(tiny_weights)),
            *("--data", str(tiny_data), "--results", str(self.results)),
        ]
        self.capsys = capsys

    def looks(self) -> pd.DataFrame:
        return pd.read_csv(self.results / "test_looks.csv", dtype=str)

    def assert_nothing_was_measured(self) -> None:
        assert not (self.results / "evaluations").exists()
        assert not (self.results / "test_looks.csv").exists()

    @pytest.mark.parametrize("why", [[], ["--why", ""]])
    def test_the_test_labels_are_not_looked_at_without_a_reason(self, why: list[str]) -> None:
        with pytest.raises(SystemExit) as stopped:
            evaluate([*self.common, *why])
        assert stopped.value.code == 2
        assert "say why with --why" in self.capsys.readouterr().err
        self.assert_nothing_was_measured()

    @pytest.mark.parametrize("record", ["none", "of another recipe"])
    def test_nor_by_a_model_that_no_record_chose(
        self, monkeypatch: pytest.MonkeyPatch, record: str
    ) -> None:
        (self.results / "selection" / "recipe.json").unlink()
        if record != "none":
            write_run(self.results, "other-run", epochs=99)
            write_record(self.results, "recipe", ["other-run"])
        monkeypatch.setattr(
            core.evaluation.evaluate,
            "scan_split",
            lambda *_: pytest.fail("the test films were opened"),
        )
        assert evaluate([*self.common, "--why", "a test"]) == 1
        assert "No record says why tiny-run was chosen" in self.capsys.readouterr().err
        self.assert_nothing_was_measured()

    def test_nor_by_the_path_of_their_folder(self, tiny_data: Path) -> None:
        with pytest.raises(SystemExit) as stopped:
            evaluate([*self.common, f"{tiny_data}/train/../test/"])
        assert stopped.value.code == 2
        assert evaluate([*self.common, str(tiny_data / "test"), "--why", "by path"]) == 0
        assert self.looks()["why"].tolist() == ["by path"]

    def test_metrics_are_those_of_an_independent_count(self, tiny_data: Path) -> None:
        assert evaluate([*self.common, "--why", "a test"]) == 0
        found = read_evaluations("tiny", self.results)["test"]
        assert found.predictions["image"].tolist() == [
            path.relative_to(tiny_data).as_posix()
            for label in ("NORMAL", "PNEUMONIA")
            for path in sorted((tiny_data / "test" / label).iterdir())
        ]
        called = 1 / (1 + np.exp(-found.predictions["logit"])) >= 0.5
        ill = found.predictions["image"].str.contains("PNEUMONIA")
        assert (found.predictions["truth"] == ill).all()
        summary = found.summary
        assert summary["confusion"] == {
            "tn": int((~called & ~ill).sum()),
            "fp": int((called & ~ill).sum()),
            "fn": int((~called & ill).sum()),
            "tp": int((called & ill).sum()),
        }
        assert summary["accuracy"]["value"] == pytest.approx((called == ill).mean(), abs=1e-6)
        pairs = [
            float(one > other) + float(one == other) / 2
            for one in found.predictions["logit"][ill]
            for other in found.predictions["logit"][~ill]
        ]
        assert summary["auroc"]["value"] == pytest.approx(np.mean(pairs), abs=1e-6)

    def test_the_summary_says_what_was_measured(self, tiny_weights: Path) -> None:
        assert evaluate([*self.common, "--why", "a test"]) == 0
        card = load_card("tiny", tiny_weights)
        summary = read_evaluations("tiny", self.results)["test"].summary
        assert (summary["model"], summary["version"]) == ("tiny", "1.10")
        assert summary["weights_sha256"] == card.sha256
        assert (summary["dataset"], summary["n"], summary["patients"]) == ("test", 6, 4)
        assert summary["threshold"] == card.threshold
        assert set(METRICS) <= set(summary)
        printed = self.capsys.readouterr().out
        assert "tiny 1.10 on test: 6 films of 4 patients, threshold 0.5000" in printed
        assert all(name in printed for name in METRICS)

    def test_each_look_at_the_test_labels_is_logged(self) -> None:
        reasons = ['the "first" look, with a comma', "처음이 아닌 것"]
        for why in reasons:
            assert evaluate([*self.common, "--why", why]) == 0
        looks = self.looks()
        assert looks["why"].tolist() == reasons
        assert looks["version"].tolist() == ["1.10"] * 2, "a version is no number"
        assert looks["n"].tolist() == ["6"] * 2
        assert looks.columns.tolist()[:5] == ["date", "model", "version", "weights_sha256", "why"]
        accuracy = read_evaluations("tiny", self.results)["test"].summary["accuracy"]["value"]
        assert float(looks["accuracy"][0]) == pytest.approx(accuracy, abs=1e-5)

    def test_validation_is_the_fold_that_the_run_held_out(self) -> None:
        assert evaluate([*self.common, "validation"]) == 0
        found = read_evaluations("tiny", self.results)["validation"]
        assert found.summary["n"] == 8
        assert found.summary["patients"] == 4
        assert found.predictions["image"].str.startswith("train/").all()
        assert not (self.results / "test_looks.csv").exists(), "no look at test labels"

    def test_validation_needs_the_run(self, tiny_weights: Path, tiny_data: Path) -> None:
        model = Diagnostician.load("tiny", tiny_weights)
        shutil.rmtree(self.results / "runs")
        with pytest.raises(RunMissing, match="tiny-run"):
            films_of("validation", model, tiny_data, self.results)
        with pytest.raises(FolderMissing, match="CHEST_XRAY_DIR"):
            films_of("test", model, None, self.results)

    def test_another_folder_is_a_set_of_its_own_name(self, tmp_path: Path) -> None:
        draw_data_folder(tmp_path, {"hospital_b": 2}, lambda *name: "_".join(map(str, name)))
        assert evaluate([*self.common, str(tmp_path / "hospital_b")]) == 0
        found = read_evaluations("tiny", self.results)["hospital_b"]
        assert found.summary["n"] == 4
        assert not (self.results / "test_looks.csv").exists()

    def test_another_folder_named_test_is_not_the_official_test(self, tmp_path: Path) -> None:
        draw_data_folder(tmp_path / "other", {"test": 1}, patient_name)
        assert evaluate([*self.common, str(tmp_path / "other" / "test")]) == 0
        assert list(read_evaluations("tiny", self.results)) == ["other-test"]

    def test_a_failure_is_a_message_and_writes_nothing(
        self, tiny_data: Path, tmp_path: Path
    ) -> None:
        broken = tmp_path / "broken"
        shutil.copytree(tiny_data / "test", broken)
        (broken / "NORMAL" / "text.png").write_text("no film")
        for told, arguments in {
            "does not exist": [str(tmp_path / "nowhere")],
            "text.png cannot be read": [str(broken)],
            "no model named huge": ["validation", "--model", "huge"],
        }.items():
            assert evaluate([*self.common, *arguments]) == 1
            printed = self.capsys.readouterr()
            assert printed.out == ""
            assert printed.err.startswith("error: ")
            assert told in printed.err
        self.assert_nothing_was_measured()

    def test_pneumonias_are_told_apart_by_cause_and_by_patients_who_were_trained_on(
        self, tmp_path: Path
    ) -> None:
        def name(split: str, label: str, number: int) -> str:
            """Of the test pneumonias the first is bacterial, and of a patient of ``train``."""
            if label == "NORMAL" or split == "train":
                return patient_name(split, label, number)
            return "person0_bacteria_9" if number == 0 else f"person{200 + number}_virus_{number}"

        data = draw_data_folder(tmp_path / "data", {"train": 2, "test": 3}, name)
        assert evaluate([*self.common, "--data", str(data), "--why", "a test"]) == 0
        found = read_evaluations("tiny", self.results)["test"]
        logits = found.predictions.set_index("image")["logit"]
        normal = {image for image in logits.index if "NORMAL" in image}
        first = "test/PNEUMONIA/person0_bacteria_9.png"
        rest = set(logits.index) - normal - {first}
        groups = {"bacteria": {first}, "shared_number": {first}, "virus": rest, "own_number": rest}
        assert set(found.summary["subgroups"]) == set(groups)
        for group, ill in groups.items():
            figures = found.summary["subgroups"][group]
            assert figures["n"] == 3 + len(ill)
            called = {image for image in logits.index if logits[image] >= 0}
            assert figures["confusion"]["tp"] == len(ill & called)
            assert figures["confusion"]["fp"] == len(normal & called)
            assert figures["sensitivity"]["value"] == pytest.approx(len(ill & called) / len(ill))

    def test_a_group_that_is_empty_or_the_whole_set_is_left_out(self) -> None:
        assert evaluate([*self.common, "--why", "a test"]) == 0
        assert read_evaluations("tiny", self.results)["test"].summary["subgroups"] == {}

    @pytest.mark.parametrize("reviewed", [0, 2, 6])
    def test_review_is_counted_and_the_rest_is_measured(
        self, tiny_weights: Path, tmp_path: Path, reviewed: int
    ) -> None:
        assert evaluate([*self.common, "--why", "once"]) == 0
        before = read_evaluations("tiny", self.results)["test"].predictions
        probability = np.sort(1 / (1 + np.exp(-before["logit"])))
        edges = [0.0, *(probability[1:] + probability[:-1]) / 2, 1.0]
        weights = Path(shutil.copytree(tiny_weights, tmp_path / "weights"))
        low = {0: 0.5, 2: edges[2], 6: 0.0}[reviewed]
        high = {0: 0.5, 2: edges[4], 6: 1.0}[reviewed]
        # The operating point must lie in the band; its own place there does not matter here.
        threshold = float(np.clip((low + high) / 2, 1e-4, 1 - 1e-4))
        card = load_card("tiny", weights)
        save_card(
            replace(card, threshold=threshold, review_low=low, review_high=high), None, weights
        )
        assert evaluate([*self.common, "--weights", str(weights), "--why", "again"]) == 0
        review = read_evaluations("tiny", self.results)["test"].summary["review"]
        assert (review["low"], review["high"]) == (low, high)
        assert (review["n"], review["share"]) == (reviewed, pytest.approx(reviewed / 6, abs=1e-6))
        if reviewed == 6:
            assert review["rest"] is None
            return
        chance = 1 / (1 + np.exp(-before["logit"]))
        rest = (chance < low) | (chance >= high)
        right = (chance >= threshold) == (before["truth"] == 1)
        assert review["rest"]["n"] == int(rest.sum()) == 6 - reviewed
        assert review["rest"]["accuracy"]["value"] == pytest.approx(right[rest].mean(), abs=1e-6)
        printed = self.capsys.readouterr().out
        assert f"of the films ({reviewed}); accuracy on the rest" in printed


@pytest.fixture(scope="module")
def results(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The results of a training run named ``one``."""
    folder = tmp_path_factory.mktemp("results")
    config = TrainConfig(
        architecture=STAND_IN, size_px=32, epochs=2, batch_size=4, folds=3, ema_decay=0.0
    )
    with in_the_registry():
        train(films_of_run(tiny_data, config, folder), "one", config, ON_CPU, folder)
        yield folder


def twin(results: Path, name: str, **config: Any) -> None:
    """A finished run like ``one``, with somewhat different weights and the given settings."""
    folder = results / "runs" / name
    if folder.exists():
        return
    shutil.copytree(results / "runs" / "one", folder)
    summary = json.loads((folder / "run.json").read_text())
    write_json(folder / "run.json", {**summary, "config": {**summary["config"], **config}})
    file = folder / "weights.safetensors"
    noise = torch.Generator().manual_seed(1)
    weights = {
        part: tensor * (1 + 0.1 * torch.rand(tensor.shape, generator=noise))
        if tensor.is_floating_point()
        else tensor
        for part, tensor in load_file(file).items()
    }
    save_file(weights, file)


class TestStress:
    def test_a_runs_held_out_films_are_measured_under_every_condition(
        self, tiny_data: Path, results: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert stress(["one", "--data", str(tiny_data), "--results", str(results)]) == 0
        file = results / "runs" / "one" / "stress.csv"
        assert capsys.readouterr().out.splitlines() == [str(file)]
        table = pd.read_csv(file)
        assert table.columns.tolist() == ["image", "patient", "split", "truth", *CONDITIONS]
        plain = read_run(file.parent).predictions
        assert table["image"].tolist() == plain["image"].tolist()
        assert table["truth"].tolist() == plain["truth"].tolist()
        np.testing.assert_allclose(table[PLAIN], plain["logit"], atol=0.02)  # bfloat16
        undone = (PLAIN, "low_contrast", "marked", *CANVASES)  # stretched, cut, or out of the box
        others = [name for name in CONDITIONS if name not in undone]
        assert not any(table[name].equals(table[PLAIN]) for name in others)

    def test_only_what_is_lacking_is_measured(self, tiny_data: Path, results: Path) -> None:
        where = ["one", "--data", str(tiny_data), "--results", str(results)]
        assert stress(where) == 0
        file = results / "runs" / "one" / "stress.csv"
        whole = pd.read_csv(file)
        kept = whole.drop(columns=CONDITIONS[-1]).assign(plain=0.5)
        kept.to_csv(file, index=False)
        assert stress(where) == 0
        completed = pd.read_csv(file)
        assert (completed[PLAIN] == 0.5).all(), "measured before"
        np.testing.assert_allclose(completed[CONDITIONS[-1]], whole[CONDITIONS[-1]], rtol=1e-4)
        whole.to_csv(file, index=False)

    def test_another_folders_films_are_none_that_it_held_out(
        self, tiny_data: Path, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        smaller = Path(shutil.copytree(tiny_data, tmp_path / "smaller"))
        gone = smaller / read_run(results / "runs" / "one").predictions["image"][0]
        gone.rename(gone.with_name("renamed.png"))
        status = stress(["one", "--data", str(smaller), "--results", str(results)])
        assert status == 1
        assert "trained on other films" in capsys.readouterr().err

    def test_a_run_that_cannot_be_measured_is_told(
        self, tiny_data: Path, results: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert stress(["nobody", "--data", str(tiny_data), "--results", str(results)]) == 1
        assert "no run in nobody" in capsys.readouterr().err


class TestPublish:
    @pytest.fixture
    def places(self, tiny_data: Path, results: Path, tmp_path: Path) -> list[str]:
        weights = str(tmp_path / "weights")
        return ["--data", str(tiny_data), "--results", str(results), "--weights", weights]

    @pytest.fixture
    def stressed(self, tiny_data: Path, results: Path) -> Callable[[str], None]:
        """Measures a run under stress, unless it has been."""

        def measure(run: str) -> None:
            if not (results / "runs" / run / "stress.csv").exists():
                assert stress([run, "--data", str(tiny_data), "--results", str(results)]) == 0

        return measure

    @pytest.fixture
    def model(
        self,
        places: list[str],
        stressed: Callable[[str], None],
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> Diagnostician:
        stressed("one")
        assert publish(["one", "--name", "shipped", "--version", "1.0", *places]) == 0
        model = Diagnostician.load("shipped", tmp_path / "weights")
        assert model.card.sha256 in capsys.readouterr().out
        return model

    def test_the_card_tells_where_the_weights_come_from(self, model: Diagnostician) -> None:
        card = model.card
        assert (card.version, card.run, card.architecture) == ("1.0", "one", STAND_IN)
        assert card.size_px == 32
        assert card.parameters == 3 * 3 * 3 * 8 + 8 + 16 + 8 + 1

    def test_the_weights_are_the_runs_in_half_precision(
        self, model: Diagnostician, results: Path, tmp_path: Path
    ) -> None:
        trained = load_file(results / "runs" / "one" / "weights.safetensors")
        shipped = load_network(model.card, tmp_path / "weights")
        for name, tensor in shipped.state_dict().items():
            rounded = trained[name].half().float() if tensor.is_floating_point() else trained[name]
            assert torch.equal(tensor, rounded), name

    def test_the_card_is_fitted_on_the_films_held_out(
        self, model: Diagnostician, results: Path, places: list[str]
    ) -> None:
        assert evaluate(["validation", "--model", "shipped", *places]) == 0
        found = read_evaluations("shipped", results)["validation"]
        trained = read_run(results / "runs" / "one").predictions
        assert found.predictions["image"].tolist() == trained["image"].tolist()

    def test_it_is_fitted_under_every_condition(self, model: Diagnostician, results: Path) -> None:
        readings = pooled(stress_of(["one"], results))
        assert len(readings) == len(CONDITIONS) * len(
            read_run(results / "runs" / "one").predictions
        )
        card = model.card
        assert card.temperature == fit_temperature(readings)
        calibrated = readings.assign(logit=readings["logit"] / card.temperature)
        assert card.threshold == balanced_threshold(calibrated)
        band = choose_band(calibrated, card.threshold)
        assert (card.review_low, card.review_high, card.review_alpha) == (
            band.low,
            band.high,
            band.alpha,
        )

    def test_full_heat_is_the_99th_percentile_of_their_evidence(
        self, model: Diagnostician, tiny_data: Path, results: Path
    ) -> None:
        images = read_run(results / "runs" / "one").predictions["image"]
        films = [squash(read_film_file(tiny_data / image).pixels) for image in images]
        located = model.segmenter.each([(film * 255).round() / 255 for film in films])
        maps = [model.explain(film, model.method, model.scale) for film in located]
        counted = [heat.evidence[heat.counts > 0] for heat in maps]
        evidence = np.concatenate([values[values > 0] for values in counted])
        assert model.card.cam_scale == pytest.approx(np.percentile(evidence, 99), rel=1e-5)

    @pytest.fixture
    def ensemble(
        self,
        model: Diagnostician,
        places: list[str],
        results: Path,
        stressed: Callable[[str], None],
    ) -> list[str]:
        """Ships ``other`` beside ``shipped``, from the run ``two``. Gives ``places``."""
        twin(results, "two")
        stressed("two")
        assert publish(["two", "--name", "other", "--version", "1.0", *places]) == 0
        return places

    def test_an_ensemble_ships_a_card_of_its_own_and_its_members_weights(
        self, ensemble: list[str], results: Path, tiny_data: Path, tmp_path: Path
    ) -> None:
        assert publish(["one+two", "--name", "both", "--version", "2.0", *ensemble]) == 0
        weights = tmp_path / "weights"
        one, two, both = (
            Diagnostician.load(name, weights) for name in ("shipped", "other", "both")
        )
        card = both.card
        assert not (weights / "both.safetensors").exists()
        assert (card.architecture, card.members) == ("ensemble", ("shipped", "other"))
        assert (card.run, card.size_px) == ("one+two", 32)
        assert card.parameters == one.card.parameters + two.card.parameters
        assert evaluate(["validation", "--model", "both", *ensemble]) == 0
        found = read_evaluations("both", results)["validation"]
        films = [image_of(read_film_file(tiny_data / each)) for each in found.predictions["image"]]
        raw = [model.logits(films) * model.card.temperature for model in (one, two)]
        mean = (raw[0] + raw[1]) / 2
        np.testing.assert_allclose(
            found.predictions["logit"], mean / card.temperature, rtol=1e-4, atol=1e-4
        )
        assert card.temperature == fit_temperature(pooled(stress_of(["one", "two"], results)))

    def test_a_run_that_was_never_stressed_does_not_ship(
        self, places: list[str], results: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        twin(results, "calm")
        (results / "runs" / "calm" / "stress.csv").unlink(missing_ok=True)
        assert publish(["calm", "--name", "shipped", "--version", "1.0", *places]) == 1
        assert "calm" in capsys.readouterr().err

    def test_a_run_on_whole_films_does_not_ship(
        self, places: list[str], results: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        twin(results, "framed", framing="film")
        assert publish(["framed", "--name", "shipped", "--version", "1.0", *places]) == 1
        assert "framed reads whole films" in capsys.readouterr().err

    def test_an_ensemble_of_what_does_not_ship_or_does_not_fit_is_told(
        self, ensemble: list[str], results: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        twin(results, "shy")
        twin(results, "elsewhere", fold=1)
        for runs, told in {
            "one+shy": "no model named shy",
            "one+elsewhere": "one, elsewhere held out different films",
            "one+nobody": "no run in nobody",
        }.items():
            assert publish([runs, "--name", "both", "--version", "1.0", *ensemble]) == 1
            printed = capsys.readouterr().err
            assert printed.startswith("error: ")
            assert told in printed

    @pytest.mark.parametrize(
        ("run", "told"), [("nobody", "no run in nobody"), ("bare", "is missing")]
    )
    def test_a_run_that_cannot_be_shipped_is_told(
        self,
        run: str,
        told: str,
        results: Path,
        places: list[str],
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        bare = results / "runs" / "bare"
        shutil.copytree(results / "runs" / "one", bare, dirs_exist_ok=True)
        (bare / "weights.safetensors").unlink()
        assert publish([run, "--name", "shipped", "--version", "1.0", *places]) == 1
        printed = capsys.readouterr()
        assert printed.err.startswith("error: ")
        assert told in printed.err
        assert not (tmp_path / "weights").exists()
