"""Reports of a phantom film, read by a tiny model."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.labels import Verdict
from core.imaging import Film, read_film
from core.inference.diagnosis import Diagnosis
from core.inference.model import Diagnostician
from core.inference.reading import Opinion, Reading
from core.reporting.exports import Report
from core.results.folder import RESULTS_VARIABLE
from tests.support.made_up import predictions, write_evaluation
from tests.support.phantoms import chest_phantom, write_dicom

FILE_NAME = "Gildong_Hong_chest.dcm"
STUDY_UID, SERIES_UID = "1.2.826.0.1.3680043.8.498.77", "1.2.826.0.1.3680043.8.498.78"
WHEN = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
PROBABILITIES = {Verdict.NORMAL: 0.08, Verdict.REVIEW: 0.52, Verdict.PNEUMONIA: 0.9}

NO_OPINION = Opinion()
MakeReport = Callable[..., Report]


def dicom_film(**elements: Any) -> bytes:
    """A phantom as a DICOM film of a named patient, in a study."""
    known = {
        "StudyInstanceUID": STUDY_UID,
        "SeriesInstanceUID": SERIES_UID,
        "StudyTime": "121314",
        "PatientSex": "F",
        "PatientAge": "004Y",
        "AccessionNumber": "ACC-123",
    }
    film = chest_phantom(400, 360).astype(np.uint16) * 16
    return write_dicom(film, bits=12, **{**known, **elements})


@pytest.fixture(scope="session")
def tiny_model(tiny_weights: Path) -> Diagnostician:
    """The model that reads all of these films."""
    return Diagnostician.load("tiny", tiny_weights)


@pytest.fixture(scope="session")
def measured(tiny_model: Diagnostician, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results in which it was measured on 120 films."""
    folder, sha256 = tmp_path_factory.mktemp("measured"), tiny_model.card.sha256
    films = predictions(60, 60, apart=2)
    write_evaluation(folder, "tiny", "test", films, weights_sha256=sha256)
    return folder


@pytest.fixture(scope="session")
def diagnosed(tiny_model: Diagnostician) -> Callable[[bytes], tuple[Film, Diagnosis]]:
    """Reads and diagnoses a film's bytes; the same bytes once."""

    @cache
    def of(data: bytes) -> tuple[Film, Diagnosis]:
        film = read_film(data)
        return film, tiny_model.diagnose(film)

    return of


@pytest.fixture
def make_report(
    tiny_model: Diagnostician,
    measured: Path,
    diagnosed: Callable[[bytes], tuple[Film, Diagnosis]],
    monkeypatch: pytest.MonkeyPatch,
) -> MakeReport:
    """Makes a report of a film's bytes."""
    monkeypatch.setenv(RESULTS_VARIABLE, str(measured))

    def make(
        data: bytes | None = None,
        language: str = "en",
        verdict: Verdict = Verdict.REVIEW,
        opinion: Opinion = NO_OPINION,
        **entries: Any,
    ) -> Report:
        film, diagnosis = diagnosed(data or _usual_film())
        said = {"verdict": verdict, "probability": PROBABILITIES[verdict], "review": (0.35, 0.75)}
        reading = Reading(FILE_NAME, film, replace(diagnosis, **said), opinion)
        return Report(reading, tiny_model.card, language, WHEN, **entries)

    return make


@cache
def _usual_film() -> bytes:
    return dicom_film()
