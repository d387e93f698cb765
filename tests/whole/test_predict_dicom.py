"""``predict --dicom``: a folder of a study in, a folder of DICOM objects out."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MediaStorageDirectoryStorage

from core.cli.predict import main as predict
from tests.support.phantoms import chest_phantom, encode, write_dicom
from tests.support.predicting import Predicting

STUDY_UIDS = ("1.2.826.0.1.3680043.8.498.71", "1.2.826.0.1.3680043.8.498.72")


def film(number: int, **elements: Any) -> bytes:
    known = {
        "StudyInstanceUID": STUDY_UIDS[0],
        "SeriesInstanceUID": "1.2.826.0.1.3680043.8.498.81",
        "SOPInstanceUID": f"1.2.826.0.1.3680043.8.498.9{number}",
        "AccessionNumber": "ACC-123",
    }
    pixels = chest_phantom(96, 80, number).astype(np.uint16) * 16
    return write_dicom(pixels, bits=12, **{**known, **elements})


def directory() -> Dataset:
    dataset = Dataset()
    dataset.FileSetID = "STUDY"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """As an archive exports one: a DICOMDIR, and files without endings in folders."""
    folder = tmp_path / "study"
    (folder / "IMAGES").mkdir(parents=True)
    (folder / "IMAGES" / "IM1").write_bytes(film(1))
    (folder / "IMAGES" / "IM2").write_bytes(film(2, StudyInstanceUID=STUDY_UIDS[1]))
    directory().save_as(folder / "DICOMDIR", enforce_file_format=True)
    return folder


class TestPredictDicom(Predicting):
    def test_all_objects_of_each_film_are_in_its_study(self, study: Path, tmp_path: Path) -> None:
        out = tmp_path / "new" / "out"
        lines = self.lines(study, "--dicom", out, "--gsps", "--pdf")
        assert [Path(line["file"]).name for line in lines] == ["IM1", "IM2"]
        named = [name for line in lines for name in line["dicom"]]
        assert sorted(named) == sorted(path.name for path in out.iterdir())
        for line, uid in zip(lines, STUDY_UIDS, strict=True):
            source = pydicom.dcmread(line["file"])
            found = [pydicom.dcmread(out / name) for name in line["dicom"]]
            assert [each.Modality for each in found] == ["OT", "SR", "PR", "DOC"]
            assert len({each.SeriesInstanceUID for each in found}) == 4
            for name, each in zip(line["dicom"], found, strict=True):
                assert name == f"{each.SOPInstanceUID}.dcm"
                assert each.StudyInstanceUID == uid
                assert (each.PatientName, each.PatientID) == (source.PatientName, "secret-42")
                assert (each.StudyDate, each.AccessionNumber) == ("20250102", "ACC-123")
            (image,) = found[2].ReferencedSeriesSequence[0].ReferencedImageSequence
            assert image.ReferencedSOPInstanceUID == source.SOPInstanceUID

    def test_a_study_is_read_again_without_its_own_results(self, study: Path) -> None:
        (study / "IMAGES" / "IM2").unlink()
        first = self.lines(study, "--dicom", study / "results", "--gsps", "--pdf")
        again = self.lines(study, "--dicom", study / "results")
        assert [line["file"] for line in again] == [line["file"] for line in first]
        assert len(list((study / "results").iterdir())) == 4 + 2

    def test_a_picture_gets_a_study_of_nobody(self, tmp_path: Path) -> None:
        (tmp_path / "Gildong.png").write_bytes(encode(chest_phantom(96, 80), "PNG"))
        (line,) = self.lines(
            tmp_path / "Gildong.png", "--dicom", tmp_path / "out", "--gsps", "--pdf"
        )
        found = [pydicom.dcmread(tmp_path / "out" / name) for name in line["dicom"]]
        assert [each.Modality for each in found] == ["OT", "SR", "DOC"]
        assert len({each.StudyInstanceUID for each in found}) == 1
        assert {str(each.PatientName) for each in found} == {""}
        for file in (tmp_path / "out").iterdir():
            assert b"Gildong" not in file.read_bytes()

    def test_a_refused_film_has_an_error_and_no_objects(self, study: Path, tmp_path: Path) -> None:
        (study / "IMAGES" / "IM1").write_bytes(film(1, Modality="CT"))
        refused, read = self.lines(study, "--dicom", tmp_path / "out", status=1)
        assert refused["error"]
        assert (refused["dicom"], len(read["dicom"])) == ([], 2)
        assert len(list((tmp_path / "out").iterdir())) == 2

    def test_nothing_is_named_where_nothing_is_asked_for(self, study: Path, tmp_path: Path) -> None:
        lines = self.lines(study, "--csv", tmp_path / "table.csv")
        assert all("dicom" not in line for line in lines)
        with (tmp_path / "table.csv").open(encoding="utf-8") as table:
            assert "dicom" not in next(csv.reader(table))

    @pytest.mark.parametrize("option", ["--gsps", "--pdf"])
    def test_more_without_a_folder_is_wrong_usage(self, study: Path, option: str) -> None:
        with pytest.raises(SystemExit) as stopped:
            predict([*self.model, str(study), option])
        assert stopped.value.code == 2

    def test_a_folder_that_is_full_costs_no_verdict_and_leaves_no_part(
        self, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_: pydicom.Dataset, file: Path, **__: object) -> None:
            file.write_bytes(b"a part")
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(pydicom.Dataset, "save_as", full)
        out = tmp_path / "out"
        line = self.lines(study, "--dicom", out, status=1)[0]
        assert line["verdict"] is not None
        assert line["dicom"] == []
        assert "no space left on device" in line["error"].lower()
        assert not list(out.iterdir())
