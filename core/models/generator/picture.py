"""Synthetic films as pictures that say what they are: in their pixels and in their metadata."""

from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, SecondaryCaptureImageStorage, generate_uid

from core.imaging import SYNTHETIC_DESCRIPTION
from core.models.generator.autoencoder import FILM_PX

Pixels = NDArray[np.uint8]

SHIPPED_PX = 512
MARK = "SYNTHETIC"
MARK_SHARE = 1 / 16
"""Share of a film's height, at its lower edge, that the mark may cover."""

_FONT = Path(__file__).resolve().parents[3] / "static" / "fonts" / "NotoSansKR-Bold.ttf"
_SOFTWARE = "Pneumonia reading room"


def above_mark(films: Pixels) -> Pixels:
    """Films (N, H, W) without the strip at their lower edge that the mark may cover."""
    return films[:, : round(films.shape[1] * (1 - MARK_SHARE))]


def marked(film: Pixels, size_px: int = SHIPPED_PX) -> Pixels:
    """A film enlarged bicubically, with the mark burnt in at its lower left.

    Args:
        film: (H, W), 0 black to 255 white.
        size_px: Side of the result.
    """
    large = Image.fromarray(film).resize((size_px, size_px), Image.Resampling.BICUBIC)
    strip = size_px * MARK_SHARE
    font = ImageFont.truetype(_FONT, 0.8 * strip)
    ImageDraw.Draw(large).text(
        (0.3 * strip, size_px - 0.5 * strip),
        MARK,
        fill=255,
        font=font,
        anchor="lm",
        stroke_width=max(1, round(0.06 * strip)),
        stroke_fill=0,
    )
    return np.asarray(large)


def sheet(films: Pixels, columns: int = 8) -> Pixels:
    """Films (N, H, W) side by side, under a line that says that they are synthetic."""
    rows = [
        np.hstack(list(films[start : start + columns])) for start in range(0, len(films), columns)
    ]
    grid = np.vstack(rows)
    head = Image.new("L", (grid.shape[1], FILM_PX // 4))
    font = ImageFont.truetype(_FONT, head.height * 0.6)
    place = (head.height * 0.4, head.height / 2)
    ImageDraw.Draw(head).text(place, MARK, fill=255, font=font, anchor="lm")
    return np.vstack([np.asarray(head), grid])


def png_file(pixels: Pixels) -> bytes:
    """A PNG whose metadata say that it is synthetic."""
    words = PngInfo()
    words.add_text("Software", _SOFTWARE)
    words.add_text("Description", SYNTHETIC_DESCRIPTION)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True, pnginfo=words)
    return file.getvalue()


def dicom_file(pixels: Pixels, name: str) -> bytes:
    """A lossless DICOM Secondary Capture whose header says that it is synthetic and of nobody.

    Args:
        pixels: (H, W), 0 black to 255 white.
        name: Decides the UIDs, so that the same film is the same file.
    """
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
    dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.SyntheticData = "YES"
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.ConversionType = "SYN"
    dataset.Modality, dataset.BodyPartExamined = "OT", "CHEST"
    dataset.ViewPosition = "AP"
    dataset.Manufacturer = _SOFTWARE
    dataset.PatientName, dataset.PatientID = "SYNTHETIC^FILM", "SYNTHETIC"
    dataset.ImageComments = SYNTHETIC_DESCRIPTION
    dataset.BurnedInAnnotation = "YES"
    for part in ("StudyInstance", "SeriesInstance", "SOPInstance"):
        setattr(dataset, f"{part}UID", generate_uid(entropy_srcs=[_SOFTWARE, part, name]))
    for empty in ("PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID"):
        setattr(dataset, empty, "")
    dataset.AccessionNumber = dataset.ReferringPhysicianName = ""
    dataset.SeriesNumber, dataset.InstanceNumber = 1, 1
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    frame = BytesIO()
    Image.fromarray(pixels).save(frame, "JPEG2000", irreversible=False, no_jp2=True)
    dataset.PixelData = encapsulate([frame.getvalue()])
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()
