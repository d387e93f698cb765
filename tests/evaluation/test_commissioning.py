"""Commissioning: the table, the films as they are read, the fit, and what is told of it."""

import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.labels import Label
from core.evaluation.commissioning.commission import commission, profile_of
from core.evaluation.commissioning.figures import drift
from core.evaluation.commissioning.fit import films_needed, out_of_fold, width_curve
from core.evaluation.commissioning.labels import read_labels
from core.evaluation.commissioning.reading import read_site
from core.imaging import read_film_file
from core.inference.model import Diagnostician
from core.messages.errors import LabelsError, LabelsRow, LabelsTwice, LabelsUnreadable, TooFewFilms
from core.models import load_card
from tests.conftest import draw_film
from tests.support.site import SITE, site_films, site_profile, training_films


def write_table(file: Path, *lines: str) -> Path:
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


class TestLabels:
    def test_columns_are_found_by_name_and_may_be_empty(self, tmp_path: Path) -> None:
        table = write_table(
            tmp_path / "labels.csv",
            "\ufeffLabel,file,age,patient,date,note",
            "normal,a.png,4.5,7,2020-03-01,x",
            "1,b/c.png,,,2019,",
            "PNEUMONIA,d.png,,7,,",
        )
        first, second, third = read_labels(table)
        assert (first.label, first.year, first.age_years) == (Label.NORMAL, 2020, 4.5)
        assert (second.file, second.label, second.year) == ("b/c.png", Label.PNEUMONIA, 2019)
        assert first.patient == third.patient != second.patient

    @pytest.mark.parametrize(
        ("line", "error"),
        [
            ("a.png,maybe,,", LabelsRow),
            (",NORMAL,,", LabelsRow),
            ("a.png,NORMAL,12.2020,", LabelsRow),
            ("a.png,NORMAL,,old", LabelsRow),
            ("a.png,NORMAL,,-1", LabelsRow),
            ("a.png,NORMAL,,nan", LabelsRow),
            ("first.png,NORMAL,,", LabelsTwice),
        ],
    )
    def test_a_row_that_is_not_understood_is_named(
        self, tmp_path: Path, line: str, error: type[LabelsError]
    ) -> None:
        table = write_table(tmp_path / "t.csv", "file,label,date,age", "first.png,0,,", line)
        with pytest.raises(error, match="line 3"):
            read_labels(table)

    @pytest.mark.parametrize("content", [b"", b"file\na.png\n", b"file,label\n", b"\xff\xfe\x00"])
    def test_what_is_no_table_is_refused(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "t.csv").write_bytes(content)
        with pytest.raises(LabelsUnreadable):
            read_labels(tmp_path / "t.csv")
        with pytest.raises(LabelsUnreadable):
            read_labels(tmp_path / "nowhere.csv")


def test_films_are_read_as_predict_reads_them(tmp_path: Path, tiny_weights: Path) -> None:
    model = Diagnostician.load("tiny", tiny_weights)
    draw_film(tmp_path / "a.png", 1)
    draw_film(tmp_path / "b.png", 2)
    shutil.copy(tmp_path / "a.png", tmp_path / "copy.png")
    (tmp_path / "text.png").write_text("no film")
    lines = ("a.png,0", "b.png,1", "copy.png,0", "text.png,1", "gone.png,1")
    table = write_table(tmp_path / "t.csv", "file,label", *lines)
    films = read_site(model, tmp_path, read_labels(table))
    assert films["unread"].tolist() == ["", "", "", "unreadable", "missing"]
    assert films["patient"][0] == films["patient"][2], "identical films are one patient's"
    assert films["patient"].nunique() == 4

    diagnosis = model.diagnose(read_film_file(tmp_path / "a.png"))
    calibrated = films["logit"][0] / model.card.temperature
    assert 1 / (1 + np.exp(-calibrated)) == pytest.approx(diagnosis.probability)


class TestFit:
    @pytest.mark.parametrize(("normal", "pneumonia"), [(49, 80), (80, 49)])
    def test_under_fifty_films_of_a_class_are_refused(
        self, tiny_weights: Path, normal: int, pneumonia: int
    ) -> None:
        card = load_card("tiny", tiny_weights)
        with pytest.raises(TooFewFilms, match=r"49 .* 50 films"):
            profile_of(card, site_films(normal, pneumonia), SITE, None, samples=20)

    def test_stopped_and_unread_films_do_not_count_as_films(self, tiny_weights: Path) -> None:
        films = site_films(50, 60)
        films.loc[0, "stopped"] = "population"
        with pytest.raises(TooFewFilms, match="49 NORMAL"):
            profile_of(load_card("tiny", tiny_weights), films, SITE, None, samples=20)

    def test_few_patients_are_refused_however_many_films(self, tiny_weights: Path) -> None:
        films = site_films().assign(patient=lambda table: table["truth"])
        with pytest.raises(TooFewFilms, match="1 patients"):
            profile_of(load_card("tiny", tiny_weights), films, SITE, None, samples=20)

    def test_a_patients_own_labels_do_not_move_their_calls(self) -> None:
        films = site_films()
        before = out_of_fold(films)
        flipped = films.copy()
        own = (films["patient"] == 3).to_numpy()
        flipped.loc[own, "logit"] += 50
        after = out_of_fold(flipped)
        shift = after["margin"] - before["margin"]
        assert (after["logit"][own] / flipped["logit"][own]).tolist() == pytest.approx(
            (before["logit"][own] / films["logit"][own]).tolist()
        ), "the temperature is that of the others"
        assert shift[~own].abs().max() > 0, "which does move theirs"

    def test_the_fit_follows_films_whose_scores_are_shifted(self, tiny_weights: Path) -> None:
        card = replace(load_card("tiny", tiny_weights), temperature=1.0)
        figures = profile_of(card, site_films(shift=6), SITE, None, samples=20).figures
        assert figures["shipped"]["specificity"]["value"] < 0.3
        assert figures["site"]["specificity"]["value"] > 0.85
        assert figures["site"]["ece"]["value"] < figures["shipped"]["ece"]["value"]

    def test_more_films_give_narrower_intervals(self) -> None:
        curve = width_curve(site_films(160, 160), samples=50)
        assert [point["films"] for point in curve] == sorted(point["films"] for point in curve)
        assert curve[-1]["films"] == 320
        for name in ("sensitivity", "specificity"):
            assert curve[0][name] > curve[-1][name] > 0

    def test_the_films_needed_go_with_the_square_of_the_width(self) -> None:
        wide = [{"films": 100.0, "sensitivity": 0.4}, {"films": 200.0, "sensitivity": 0.2}]
        assert films_needed(wide, "sensitivity") == 800
        assert films_needed([*wide, {"films": 900.0, "sensitivity": 0.1}], "sensitivity") == 900


def test_a_profile_counts_and_names_nobody(tiny_weights: Path) -> None:
    profile = site_profile(load_card("tiny", tiny_weights))
    assert profile.counts["listed"] == 140
    assert profile.films == 138
    assert profile.counts["unread"] == {"missing": 1}
    assert profile.counts["stopped"] == {"population": 1}
    kinds = {each["kind"] for each in profile.figures["groups"]}
    assert kinds == {"age", "year"}
    assert "patient" not in json.dumps(profile.content).replace("patients", "")


def test_drift_is_told_by_class_and_only_where_training_films_are_known() -> None:
    films = site_films()
    rows = pd.DataFrame(drift(films, training_films())).set_index(["measure", "label"])
    assert rows["outside"]["brightness"].max() < 0.2
    assert rows["outside"]["lungs"].min() > 0.7
    assert drift(films, None) == []


def test_a_folder_and_a_table_become_a_profile(
    tiny_data: Path, tiny_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.evaluation.commissioning.fit.FEWEST_FILMS", 12)
    monkeypatch.setattr("core.evaluation.commissioning.fit.FEWEST_PATIENTS", 6)
    monkeypatch.setattr("core.evaluation.commissioning.fit._FEWEST_IN_CURVE", 12)
    quick = partial(profile_of, samples=20)
    monkeypatch.setattr("core.evaluation.commissioning.commission.profile_of", quick)
    train = tiny_data / "train"
    lines = [
        f"{file.relative_to(train).as_posix()},{file.parent.name},{number // 2}"
        for number, file in enumerate(sorted(train.rglob("*.png")))
    ]
    table = write_table(tmp_path / "t.csv", "file,label,patient", *lines)
    profile = commission(Diagnostician.load("tiny", tiny_weights), train, table, SITE)
    assert profile.counts["films"] == {"NORMAL": 12, "PNEUMONIA": 12}
    assert profile.counts["patients"] == 12
    assert (profile.model, profile.site) == ("tiny", SITE)
    words = json.dumps(profile.content)
    assert not any(file.stem in words for file in train.rglob("*.png"))
