"""The list: what is read, in which order it is shown, what leaves it, and how far readers agree."""

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pydicom
import pytest

from core.data.folder import DATA_FOLDER_VARIABLE
from core.data.labels import Label, Verdict
from core.data.samples import SHOWN, shown_samples, sources
from core.imaging import Film, read_film
from core.inference.diagnosis import Diagnosis
from core.inference.model import Diagnostician
from core.inference.reading import Opinion
from core.inference.worklist import (
    Choice,
    Row,
    Sorting,
    Standing,
    Worklist,
    agreement,
    arranged,
    csv_table,
)
from core.messages.catalogue import LANGUAGES
from core.messages.errors import NoMemory, NoPixelData, SameFile, UnknownFormat
from core.reporting.captions.worklist import agreement_sentence, worklist_table
from tests.support.phantoms import chest_phantom, encode, write_dicom


def png(seed: int) -> io.BytesIO:
    return io.BytesIO(encode(chest_phantom(90, 80, seed), "PNG"))


@pytest.fixture(scope="module")
def tiny(tiny_weights: Path) -> Diagnostician:
    return Diagnostician.load("tiny", tiny_weights)


def read_all(listed: Worklist, model: Diagnostician) -> list[Row]:
    for number in listed.pending(model.card.sha256):
        listed.read(number, model)
    return listed.rows(model.card.sha256)


@pytest.fixture
def listed() -> Worklist:
    """Two films, a letter, and the first film again."""
    listed = Worklist()
    for upload, file in (
        ("a.png", png(1)),
        ("b.png", png(2)),
        ("letter.png", io.BytesIO(b"a letter")),
        ("copy.png", png(1)),
    ):
        listed.add(upload, upload, file)
    return listed


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("not enough memory: you tried")])
def test_a_film_without_memory_is_refused_and_the_others_are_read(
    listed: Worklist, tiny: Diagnostician, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    diagnose, seen = Diagnostician.diagnose, iter(range(10))

    def fail_at_first(model: Diagnostician, film: Film) -> Diagnosis:
        if next(seen) == 0:
            raise error
        return diagnose(model, film)

    monkeypatch.setattr(Diagnostician, "diagnose", fail_at_first)
    first, second, *_ = read_all(listed, tiny)
    assert first.finding is not None
    assert isinstance(first.finding.refusal, NoMemory)
    assert second.diagnosis is not None


class TestReading:
    def test_a_bad_file_is_told_and_a_copy_is_read_once(
        self, listed: Worklist, tiny: Diagnostician, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        films: list[str] = []
        diagnose = Diagnostician.diagnose

        def counted(self: Diagnostician, film: Film) -> object:
            films.append(film.sha256)
            return diagnose(self, film)

        monkeypatch.setattr(Diagnostician, "diagnose", counted)
        first, second, letter, copy = read_all(listed, tiny)
        assert first.diagnosis
        assert second.diagnosis
        assert letter.finding
        assert isinstance(letter.finding.refusal, UnknownFormat)
        assert copy.finding
        assert isinstance(copy.finding.refusal, SameFile)
        assert copy.finding.refusal.details == {"number": 1}
        assert len(films) == 2

    def test_only_small_results_are_kept(self, listed: Worklist, tiny: Diagnostician) -> None:
        row = read_all(listed, tiny)[0]
        assert row.finding
        assert row.finding.thumbnail.startswith("data:image/jpeg;base64,")
        held = [value for value in vars(listed).values() if isinstance(value, Film | np.ndarray)]
        assert held == []
        assert listed.film(1).sha256 == row.finding.file_sha256

    def test_what_was_a_copy_is_read_when_the_original_is_gone(
        self, listed: Worklist, tiny: Diagnostician
    ) -> None:
        read_all(listed, tiny)
        listed.remove("a.png")
        assert listed.numbers() == [2, 3, 4]
        assert listed.pending(tiny.card.sha256) == [4]
        assert read_all(listed, tiny)[-1].diagnosis

    def test_other_weights_have_read_nothing(self, listed: Worklist, tiny: Diagnostician) -> None:
        read_all(listed, tiny)
        listed.set_opinion(1, tiny.card.sha256, Opinion(True, "clear"))
        assert listed.pending("f" * 64) == [1, 2, 3, 4]
        rows = listed.rows("f" * 64)
        assert {row.standing for row in rows} == {Standing.WAITING}
        assert rows[0].opinion == Opinion(None, "clear")  # the note is of the film
        assert listed.pending(tiny.card.sha256) == []

    def test_a_changed_film_is_read_again_and_stays_changed(
        self, listed: Worklist, tiny: Diagnostician
    ) -> None:
        read_all(listed, tiny)
        listed.set_opinion(1, tiny.card.sha256, Opinion(True))

        def turned(film: Film) -> Film:
            height, width = film.pixels.shape
            facts = replace(film.facts, width_px=height, height_px=width)
            return replace(film, pixels=np.rot90(film.pixels).copy(), facts=facts)

        before = listed.film(1).pixels
        listed.change(1, turned)
        assert listed.pending(tiny.card.sha256) == [1]
        row = read_all(listed, tiny)[0]
        assert row.opinion.agrees is None
        np.testing.assert_array_equal(listed.film(1).pixels, np.rot90(before))

    def test_dicom_without_an_image_is_told(self, tiny: Diagnostician) -> None:
        listed = Worklist()
        directory = pydicom.dcmread(io.BytesIO(write_dicom(chest_phantom(80, 80))))
        del directory.PixelData
        file = io.BytesIO()
        directory.save_as(file)
        listed.add("study", "study/DICOMDIR", file)
        (row,) = read_all(listed, tiny)
        assert row.finding
        assert isinstance(row.finding.refusal, NoPixelData)


@pytest.fixture
def made_up(tiny: Diagnostician) -> Callable[..., list[Row]]:
    """Rows with the verdicts, probabilities and opinions that are asked for."""

    def made(*films: tuple[Verdict | None, float, bool | None]) -> list[Row]:
        listed = Worklist()
        for number in range(len(films)):
            listed.add(str(number), f"film-{number}.png", png(number))
        rows = []
        for row, (verdict, probability, agrees) in zip(read_all(listed, tiny), films, strict=True):
            assert row.finding
            assert row.diagnosis
            outcome = (
                replace(row.diagnosis, verdict=verdict, probability=probability)
                if verdict
                else UnknownFormat()
            )
            finding = replace(row.finding, outcome=outcome)
            rows.append(replace(row, finding=finding, opinion=Opinion(agrees)))
        return rows

    return made


class TestOrder:
    def test_urgent_films_come_first(self, made_up: Callable[..., list[Row]]) -> None:
        rows = made_up(
            (Verdict.NORMAL, 0.1, None),
            (None, 0, None),
            (Verdict.PNEUMONIA, 0.8, None),
            (Verdict.REVIEW, 0.5, None),
            (Verdict.PNEUMONIA, 0.9, None),
            (Verdict.NORMAL, 0.2, None),
        )
        rows.insert(0, replace(rows[0], finding=None))
        shown = arranged(rows, Sorting.URGENCY, Choice())
        assert [row.standing.value for row in shown] == [
            *("PNEUMONIA", "PNEUMONIA", "REVIEW", "NORMAL", "NORMAL", "REFUSED", "WAITING"),
        ]
        assert [row.diagnosis.probability for row in shown if row.diagnosis] == [
            *(0.9, 0.8, 0.5, 0.2, 0.1)
        ]
        assert arranged(rows, Sorting.ARRIVAL, Choice()) == rows
        names = [row.entry.name for row in arranged(rows[::-1], Sorting.NAME, Choice())]
        assert names == sorted(names)

    def test_the_reader_chooses_what_is_shown(self, made_up: Callable[..., list[Row]]) -> None:
        first, second = made_up((Verdict.NORMAL, 0.1, None), (Verdict.PNEUMONIA, 0.9, None))
        first = replace(first, seen=True, opinion=Opinion(None, "Bronchitis?"))

        def shown(choice: Choice) -> list[Row]:
            return arranged([first, second], Sorting.ARRIVAL, choice)

        assert shown(Choice(unseen=True)) == [second]
        assert shown(Choice(words=" bronch")) == [first]
        assert shown(Choice(words="FILM-1")) == [second]
        assert shown(Choice(frozenset((Standing.NORMAL,)))) == [first]


class TestTable:
    def read(self, rows: list[Row], with_names: bool) -> pd.DataFrame:
        return pd.read_csv(io.BytesIO(csv_table(rows, "en", with_names)), encoding="utf-8-sig")

    def test_it_says_all_that_is_known_and_no_name_unasked(
        self, listed: Worklist, tiny: Diagnostician
    ) -> None:
        rows = read_all(listed, tiny)
        rows[0] = replace(rows[0], opinion=Opinion(False, "faint"))
        table = self.read(rows, with_names=False)
        assert "file" not in table
        assert b".png" not in csv_table(rows, "en", False)
        film, diagnosis = table.iloc[0], rows[0].diagnosis
        assert diagnosis
        assert film["file_sha256"] == diagnosis.film_sha256
        assert film["standing"] == diagnosis.verdict
        assert film["probability"] == pytest.approx(diagnosis.probability, abs=1e-4)
        assert film["weights_sha256"] == tiny.card.sha256
        assert (film["agreement"], film["note"]) == ("disagree", "faint")
        assert table["reason"][2] == UnknownFormat().message("en")
        assert self.read(rows, with_names=True)["file"].tolist()[0] == "a.png"

    @pytest.mark.parametrize("formula", ["=1+1", "-1", "\t=1", ";=1", "|cmd", '"=1', "\ufeff＝1"])
    def test_no_text_is_a_formula(
        self, listed: Worklist, tiny: Diagnostician, formula: str
    ) -> None:
        row = read_all(listed, tiny)[0]
        entry = replace(row.entry, name=formula)
        table = self.read([replace(row, entry=entry, opinion=Opinion(None, formula))], True)
        for cell in (table["file"][0], table["note"][0]):
            assert str(cell).startswith("'")

    def test_a_name_shows_its_hidden_signs_wherever_it_stands(self) -> None:
        listed = Worklist()
        (number,) = listed.add("upload", "scan\u202egnp\n<b>.png", io.BytesIO(b"no film"))
        (row,) = listed.rows("0" * 64)
        assert (row.entry.number, row.entry.name) == (number, r"scan\u202egnp\n<b>.png")

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_screens_table_never_says_that_it_is_certain(
        self, made_up: Callable[..., list[Row]], language: str
    ) -> None:
        rows = made_up((Verdict.PNEUMONIA, 0.99999, None), (Verdict.NORMAL, 1e-6, None))
        assert worklist_table(rows, language)["probability"].tolist() == [99.9, 0.1]


class TestAgreement:
    def test_kappa_is_that_of_the_counts(self, made_up: Callable[..., list[Row]]) -> None:
        rows = made_up(
            *[(Verdict.PNEUMONIA, 0.9, True)] * 4,
            (Verdict.PNEUMONIA, 0.9, False),
            *[(Verdict.NORMAL, 0.1, True)] * 4,
            (Verdict.NORMAL, 0.1, False),
            (Verdict.REVIEW, 0.5, False),
            (Verdict.NORMAL, 0.1, None),
        )
        found = agreement(rows)
        assert (found.agreed, found.judged) == (8, 11)
        assert found.counts[Verdict.NORMAL] == {True: 4, False: 1, None: 1}
        assert found.kappa == pytest.approx(0.6)  # 0.8 observed, 0.5 by chance
        assert "0.60" in agreement_sentence(found, "en")

    def test_too_few_or_of_one_kind_have_none(self, made_up: Callable[..., list[Row]]) -> None:
        few = [(Verdict.PNEUMONIA, 0.9, True), (Verdict.NORMAL, 0.1, True)]
        assert agreement(made_up(*few)).kappa is None
        assert agreement(made_up(*[few[0]] * 12)).kappa is None
        assert agreement([]).judged == 0


class TestSamples:
    def test_they_are_held_out_films_with_their_label(
        self, tiny_data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tiny_data))
        drawn = [sources()["data_folder"](Random(seed)) for seed in range(12)]
        held_out = {
            label: {file.read_bytes() for file in (tiny_data / "test" / label).iterdir()}
            for label in Label
        }
        for sample in drawn:
            assert sample
            assert sample.label
            assert sample.read() in held_out[sample.label]
        assert {sample.label for sample in drawn if sample} == set(Label)

    def test_a_folder_without_classes_tells_no_label(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path))
        assert not sources()
        (tmp_path / "pred").mkdir()
        assert sources()["data_folder"](Random(0)) is None
        (tmp_path / "pred" / "film.png").write_bytes(b"film")
        sample = sources()["data_folder"](Random(0))
        assert sample
        assert (sample.read(), sample.label) == (b"film", None)

    def test_the_films_to_choose_from_ship_as_many_of_each_class(self) -> None:
        shown = shown_samples()
        assert len(shown) == len(SHOWN) == 6
        assert Counter(sample.label for sample in shown) == {Label.NORMAL: 3, Label.PNEUMONIA: 3}
        assert all(read_film(sample.read()).facts.synthetic for sample in shown)


def test_a_refusal_keeps_no_frame_that_would_keep_the_bytes(tiny: Diagnostician) -> None:
    listed = Worklist()
    whole = png(3).getvalue()
    listed.add("damaged", "damaged.png", io.BytesIO(whole[: len(whole) // 2]))
    listed.add("letter", "letter.png", io.BytesIO(b"a letter"))
    for row in read_all(listed, tiny):
        assert row.finding is not None
        error: BaseException | None = row.finding.refusal
        assert error is not None
        while error is not None:
            assert error.__traceback__ is None
            error = error.__cause__ or error.__context__
