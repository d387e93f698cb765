"""Files of a study that are left out: its DICOMDIR, and what was made of its films."""

from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MediaStorageDirectoryStorage

from core.imaging.no_film import MAKER, is_no_film
from core.models.generator.picture import dicom_file, marked
from tests.support.phantoms import chest_phantom, write_dicom


@pytest.mark.parametrize("records", [0, 3000])
def test_a_directory_is_no_film_whatever_it_is_called(tmp_path: Path, records: int) -> None:
    directory = Dataset()
    directory.FileSetID = "STUDY"
    directory.DirectoryRecordSequence = [Dataset() for _ in range(records)]
    for record in directory.DirectoryRecordSequence:
        record.ReferencedFileID = ["IMAGES", "FILM"]
    directory.file_meta = FileMetaDataset()
    directory.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    directory.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    directory.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    directory.save_as(tmp_path / "study.dcm", enforce_file_format=True)
    assert is_no_film(tmp_path / "study.dcm")


def test_what_was_made_of_a_film_is_none(tmp_path: Path) -> None:
    made = write_dicom(chest_phantom(80, 80), Manufacturer=MAKER, ManufacturerModelName="tiny")
    (tmp_path / "made.dcm").write_bytes(made)
    assert is_no_film(tmp_path / "made.dcm")


@pytest.mark.parametrize(
    "data",
    [
        write_dicom(chest_phantom(80, 80), Manufacturer="Maker", ManufacturerModelName="One"),
        dicom_file(marked(chest_phantom(128, 128)), "normal-1"),
        write_dicom(chest_phantom(80, 80), preamble=False),
        bytes(128) + b"DICM" + b"\xff" * 500,
        b"DICOMDIR",
        b"",
    ],
    ids=["film", "synthetic film", "no preamble", "damaged", "text", "empty"],
)
def test_what_may_be_a_film_is_read(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "DICOMDIR").write_bytes(data)
    assert not is_no_film(tmp_path / "DICOMDIR")


def test_what_is_not_there_is_read_and_so_told(tmp_path: Path) -> None:
    assert not is_no_film(tmp_path / "missing.dcm")
