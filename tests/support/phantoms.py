"""Chest phantoms drawn by numpy, and DICOM files of every encoding made from arrays."""

from io import BytesIO
from typing import Any

import gdcm
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

SYNTAXES = {
    "explicit": ExplicitVRLittleEndian,
    "implicit": ImplicitVRLittleEndian,
    "big endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
    "rle": RLELossless,
    "jpeg": JPEGBaseline8Bit,
    "jpeg extended": JPEGExtended12Bit,
    "jpeg lossless": JPEGLosslessSV1,
    "jpeg lossless 14": JPEGLossless,
    "jpeg-ls": JPEGLSLossless,
    "jpeg 2000": JPEG2000Lossless,
}
DX_IMAGE = "1.2.840.10008.5.1.4.1.1.1.1"
PATIENT = "Phantom^Patient"


def chest_phantom(height: int = 240, width: int = 256, seed: int = 0) -> NDArray[np.uint8]:
    """A drawn frontal chest: bright body and spine, dark lungs, ribs, noise; black corners.

    Args:
        height: Rows.
        width: Columns.
        seed: Decides shape and noise.

    Returns:
        Shape (height, width), 0 to 255, asymmetric in both directions.
    """
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    film = np.where((x / 0.95) ** 2 + (y / 1.1) ** 4 < 1, 170.0, 0.0)
    for side, size in ((-1, 0.34), (1, 0.30)):
        lung = ((x - 0.45 * side) / size) ** 2 + ((y + 0.05) / 0.7) ** 2
        film -= 110 * np.clip(1.2 - lung, 0, 1) * (film > 0)
    film += 18 * np.sin(18 * y + 2 * np.abs(x) + rng.uniform(0, 6)) * (film > 0)
    film += 60 * np.exp(-((x / 0.08) ** 2)) * (film > 0)
    film += 50 * np.exp(-(((x - 0.2) / 0.25) ** 2) - ((y - 0.35) / 0.3) ** 2) * (film > 0)
    film += rng.normal(0, 3, film.shape) * (film > 0)
    film[: height // 10, : width // 10] = 255  # the side marker
    return np.clip(film, 0, 255).astype(np.uint8)


def encode(array: NDArray[Any], file_format: str, **options: Any) -> bytes:
    """An array as a picture file, by Pillow."""
    file = BytesIO()
    Image.fromarray(array).save(file, file_format, **options)
    return file.getvalue()


def write_dicom(
    array: NDArray[Any],
    *,
    bits: int | None = None,
    syntax: str = "explicit",
    photometric: str | None = None,
    preamble: bool = True,
    meta: bool = True,
    **elements: Any,
) -> bytes:
    """A DICOM file of a DX film.

    Args:
        array: Shape (rows, columns) or (rows, columns, 3), 8 or 16 bits, signed or unsigned.
        bits: BitsStored; the array's own where None.
        syntax: One of ``SYNTAXES``.
        photometric: MONOCHROME2 or RGB where None.
        preamble: Whether the file starts with 128 bytes and DICM.
        meta: Whether group 0002 is written; without it there is no preamble either.
        **elements: More elements by keyword; None removes one.
    """
    header = _header(array, bits or 8 * array.itemsize, photometric)
    for keyword, value in elements.items():
        if value is None:
            delattr(header, keyword)
        else:
            setattr(header, keyword, value)
    uid = SYNTAXES[syntax]
    _add_pixels(header, array, uid)
    return _saved(header, uid, preamble, meta)


def lut_item(entries: NDArray[np.uint16], first: int, bits: int) -> Dataset:
    """An item of a modality or VOI LUT sequence."""
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if first < 0 else "US", [len(entries) % 2**16, first, bits])
    item.add_new("LUTData", "US", [int(entry) for entry in entries])
    return item


def _header(array: NDArray[Any], bits: int, photometric: str | None) -> Dataset:
    colour = array.ndim == 3
    header = Dataset()
    header.SOPClassUID = DX_IMAGE
    header.SOPInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    header.Modality = "DX"
    header.PatientName = PATIENT
    header.PatientID = "secret-42"
    header.PatientBirthDate = "20210131"
    header.StudyDate = "20250102"
    header.Rows, header.Columns = array.shape[:2]
    header.SamplesPerPixel = 3 if colour else 1
    header.PhotometricInterpretation = photometric or ("RGB" if colour else "MONOCHROME2")
    if colour:
        header.PlanarConfiguration = 0
    header.BitsAllocated = 8 * array.itemsize
    header.BitsStored = bits
    header.HighBit = bits - 1
    header.PixelRepresentation = int(array.dtype.kind == "i")
    return header


def _add_pixels(header: Dataset, array: NDArray[Any], uid: UID) -> None:
    if uid.is_encapsulated:
        header.PixelData = encapsulate([_compressed(header, array, uid)])
        header["PixelData"].VR = "OB"
        header["PixelData"].is_undefined_length = True
        return
    order = ">" if uid == ExplicitVRBigEndian else "<"
    raw = array.astype(array.dtype.newbyteorder(order)).tobytes()
    header.PixelData = raw + b"\0" * (len(raw) % 2)
    header["PixelData"].VR = "OW" if array.itemsize > 1 else "OB"


def _compressed(header: Dataset, array: NDArray[Any], uid: UID) -> bytes:
    """One frame, lossless by GDCM, or JPEG baseline by Pillow."""
    if uid in (JPEGBaseline8Bit, JPEGExtended12Bit):
        return encode(array.astype(np.uint8), "JPEG", quality=98)
    writer = gdcm.ImageWriter()
    image = writer.GetImage()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((header.Columns, header.Rows, 1))
    kind = gdcm.PhotometricInterpretation.GetPIType(header.PhotometricInterpretation)
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(kind))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.ImplicitVRLittleEndian))
    image.SetPixelFormat(
        gdcm.PixelFormat(
            header.SamplesPerPixel,
            header.BitsAllocated,
            header.BitsStored,
            header.HighBit,
            header.PixelRepresentation,
        )
    )
    if header.SamplesPerPixel > 1:
        image.SetPlanarConfiguration(0)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetByteStringValue(array.tobytes())
    image.SetDataElement(element)
    converter = gdcm.ImageChangeTransferSyntax()
    converter.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(uid)))
    converter.SetInput(image)
    assert converter.Change(), f"GDCM cannot encode {uid.name}"
    frame = converter.GetOutput().GetDataElement().GetSequenceOfFragments().GetFragment(0)
    buffer: str = frame.GetByteValue().GetBuffer()
    return buffer.encode("utf-8", "surrogateescape")


def _saved(header: Dataset, uid: UID, preamble: bool, meta: bool) -> bytes:
    file = BytesIO()
    if not meta:
        little = uid != ExplicitVRBigEndian
        implicit = uid == ImplicitVRLittleEndian
        header.save_as(file, implicit_vr=implicit, little_endian=little)
        return file.getvalue()
    group = FileMetaDataset()
    group.MediaStorageSOPClassUID = header.SOPClassUID if "SOPClassUID" in header else DX_IMAGE
    group.MediaStorageSOPInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    group.TransferSyntaxUID = uid
    header.file_meta = group
    header.save_as(file, enforce_file_format=True)
    data = file.getvalue()
    return data if preamble else data[132:]
