"""Reader and model beside each other, where the reader read first."""

from io import BytesIO

import pandas as pd

from core.data.labels import Label, Verdict
from core.inference.first_readings import FirstReading, csv_of, label_in_path, summary

NORMAL, PNEUMONIA, REVIEW = Verdict.NORMAL, Verdict.PNEUMONIA, Verdict.REVIEW


def reading(reader: Verdict, model: Verdict, truth: Label | None = None) -> FirstReading:
    return FirstReading("f" * 64, "w" * 64, reader, model, 0.5, truth)


def test_agreement_counts_all_and_truth_only_what_is_known() -> None:
    found = summary(
        [
            reading(NORMAL, NORMAL, Label.NORMAL),
            reading(PNEUMONIA, REVIEW, Label.PNEUMONIA),
            reading(REVIEW, PNEUMONIA, Label.NORMAL),
            reading(PNEUMONIA, PNEUMONIA),
        ]
    )
    assert (found.films, found.agreed, found.known) == (4, 2, 3)
    assert (found.reader_right, found.model_right) == (2, 1)
    assert found.kappa is None, "too few"


def test_kappa_is_of_the_films_that_both_called_and_needs_both_classes() -> None:
    both = [reading(NORMAL, NORMAL)] * 5 + [reading(PNEUMONIA, PNEUMONIA)] * 5
    assert summary([*both, reading(REVIEW, NORMAL)]).kappa == 1.0
    assert summary([reading(NORMAL, NORMAL)] * 20).kappa is None
    crossed = [reading(NORMAL, PNEUMONIA)] * 5 + [reading(PNEUMONIA, NORMAL)] * 5
    assert summary(crossed).kappa == -1.0


def test_the_table_has_a_line_a_film_and_no_name() -> None:
    table = pd.read_csv(BytesIO(csv_of([reading(NORMAL, REVIEW, Label.NORMAL)])))
    assert table[["reader", "model", "truth"]].iloc[0].tolist() == ["NORMAL", "REVIEW", "NORMAL"]
    assert not {"file", "name"} & set(table)


def test_a_folders_name_is_the_truth_and_a_files_is_not() -> None:
    assert label_in_path("test/PNEUMONIA/a.jpeg") == Label.PNEUMONIA
    assert label_in_path("NORMAL.jpeg") is None
