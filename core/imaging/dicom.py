"""DICOM radiographs by pydicom, compressed or not, with or without preamble."""

import re
import zlib
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import numpy as np
import pydicom
import pydicom.filereader
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.encaps import get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000TransferSyntaxes,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSTransferSyntaxes,
    RLELossless,
)

from core.imaging.codestream import codestream_size
from core.imaging.colour import luminance
from core.imaging.display import displayed
from core.imaging.file_type import has_preamble
from core.imaging.film import MAX_MEGAPIXELS, FilmFacts, check_size
from core.imaging.isolated import IMAGE_ELEMENTS, decode_apart
from core.messages.errors import (
    AnimatedFile,
    NoPixelData,
    TruncatedFile,
    UnknownFormat,
    UnsupportedDicom,
    WrongModality,
)

PLAIN_RADIOGRAPHS = frozenset({"", "CR", "DX", "DR", "RG", "RF", "OT", "SC"})
"""Modalities that may hold a plain radiograph; the empty one stands for a missing element."""

_SOP_CLASS = "1.2.840.10008.5.1.4.1.1."
_SOP_MODALITIES = {
    "1.2": "MG",
    "1.3": "IO",
    "2": "CT",
    "3": "US",
    "4": "MR",
    "6": "US",
    "20": "NM",
    "77": "VL",
    "128": "PT",
    "130": "PT",
}
_DECODED_APART = {JPEGLossless, JPEGLosslessSV1, *JPEGLSTransferSyntaxes, RLELossless}
_DECODED_BY_PILLOW = {JPEGBaseline8Bit, JPEGExtended12Bit, *JPEG2000TransferSyntaxes}
_MARKUP, _LONGEST_CODE = re.compile(r"[^\w ,./-]"), 64
_PIXEL_DATA_TAGS = (b"\xe0\x7f\x10\x00", b"\x7f\xe0\x00\x10")  # in either byte order
_YEARS = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
_PALETTES = [
    f"{colour}PaletteColorLookupTable{part}"
    for part in ("Descriptor", "Data")
    for colour in ("Red", "Green", "Blue")
]

# Nothing else is parsed: what is never read cannot be kept.
_ELEMENTS = [
    *("SOPClassUID", "Modality", "ViewPosition", "PatientAge"),
    *("ViewCodeSequence", "BodyPartExamined", "SyntheticData"),
    *("PixelPaddingValue", "PixelPaddingRangeLimit", "PresentationLUTShape", "VOILUTFunction"),
    *("ModalityLUTSequence", "RescaleSlope", "RescaleIntercept"),
    *("VOILUTSequence", "WindowCenter", "WindowWidth"),
    *_PALETTES,
    *IMAGE_ELEMENTS,
]


def read_dicom(data: bytes) -> tuple[NDArray[np.float32], FilmFacts, bool]:
    """Read a DICOM radiograph.

    Args:
        data: The file.

    Returns:
        The pixels, float32 of shape (height, width) in [0, 1]; the facts; and True where a tint
        was removed.

    Raises:
        FilmError: The object is refused.
        Exception: Whatever pydicom raises on damaged data.
    """
    dataset = _parse(data)
    if "PixelData" not in dataset:
        if any(tag in data for tag in _PIXEL_DATA_TAGS):  # begun, but its end is missing
            raise TruncatedFile(format="DICOM")
        raise NoPixelData
    modality = _modality(dataset)
    if modality not in PLAIN_RADIOGRAPHS:
        raise WrongModality(modality=modality)
    frames = int(dataset.get("NumberOfFrames") or 1)
    if frames > 1:
        raise AnimatedFile(format="DICOM", frames=frames)
    check_size(int(dataset.Columns), int(dataset.Rows))
    pixels, tinted = _grayscale(dataset, _decode(dataset, data))
    facts = FilmFacts(
        format="DICOM",
        width_px=pixels.shape[1],
        height_px=pixels.shape[0],
        bits=int(dataset.BitsStored),
        modality=modality or None,
        view=_view(dataset),
        body_part=_code(dataset, "BodyPartExamined") or None,
        age_years=age_years(_code(dataset, "PatientAge")),
        synthetic=_code(dataset, "SyntheticData") == "YES",
    )
    return pixels, facts, tinted


def age_years(age: str) -> float | None:
    """A DICOM age string in years; None where it is none.

    Examples:
        >>> age_years("004Y"), age_years("018M"), age_years("unknown")
        (4.0, 1.5, None)
    """
    match = re.fullmatch(r"\s*(\d{1,3})\s*([YMWD])\s*", age)
    return int(match[1]) * _YEARS[match[2]] if match else None


def _parse(data: bytes) -> FileDataset:
    """The elements that matter.

    Raises:
        UnknownFormat: Bytes without preamble that make no DICOM data set.
        UnsupportedDicom: They are deflated, and inflate beyond any film.
    """
    named = has_preamble(data)
    try:
        dataset = pydicom.dcmread(BytesIO(data), force=True, specific_tags=_ELEMENTS)
    except UnsupportedDicom:
        raise
    except Exception:
        if named:
            raise
        raise UnknownFormat from None
    if not named and not any(known in dataset for known in ("SOPClassUID", "Rows", "PixelData")):
        raise UnknownFormat
    return dataset


def _inflate(packed: bytes, wbits: int) -> bytes:
    """What ``zlib.decompress`` gives, bounded: pydicom sets no bound to a deflated data set.

    Raises:
        UnsupportedDicom: It inflates beyond any film.
        zlib.error: It is damaged.
    """
    inflater = zlib.decompressobj(wbits)
    data = inflater.decompress(packed, MAX_MEGAPIXELS * 2_000_000)
    if inflater.unconsumed_tail:
        raise UnsupportedDicom(what="Deflated Explicit VR Little Endian")
    if not inflater.eof:
        raise zlib.error("the stream ends early")
    return data


pydicom.filereader.zlib = SimpleNamespace(decompress=_inflate, MAX_WBITS=zlib.MAX_WBITS)  # type: ignore


def _code(dataset: Dataset, keyword: str) -> str:
    """A short text that may be shown: without anything that a page or a report takes for markup."""
    return _MARKUP.sub(" ", str(dataset.get(keyword) or ""))[:_LONGEST_CODE].strip().upper()


def _view(dataset: Dataset) -> str | None:
    """The view position; of a digital film without one, what its view code means."""
    if view := _code(dataset, "ViewPosition"):
        return view
    codes = dataset.get("ViewCodeSequence") or [Dataset()]
    return _code(codes[0], "CodeMeaning") or None


def _modality(dataset: Dataset) -> str:
    """The modality, by the SOP class where the element is missing or says nothing."""
    modality = _code(dataset, "Modality")
    if modality in ("", "OT"):
        family = _code(dataset, "SOPClassUID").removeprefix(_SOP_CLASS)
        for root, name in _SOP_MODALITIES.items():
            if family == root or family.startswith(f"{root}."):
                return name
    return modality


def _decode(dataset: FileDataset, data: bytes) -> NDArray[Any]:
    """Stored values, shape (rows, columns) or (rows, columns, 3) in RGB."""
    syntax = _transfer_syntax(dataset)
    if syntax.is_encapsulated:
        _check_codestream(dataset)
    elif int(dataset.get("HighBit", dataset.BitsStored - 1)) != dataset.BitsStored - 1:
        raise UnsupportedDicom(what=f"BitsStored {dataset.BitsStored}, HighBit {dataset.HighBit}")
    if syntax in _DECODED_APART:
        return decode_apart(data)
    plugin = "pillow" if syntax in _DECODED_BY_PILLOW else ""
    return pixel_array(dataset, view_only=True, decoding_plugin=plugin)


def _grayscale(dataset: Dataset, values: NDArray[Any]) -> tuple[NDArray[np.float32], bool]:
    """Pixels in [0, 1], and whether a tint was removed."""
    photometric = _code(dataset, "PhotometricInterpretation")
    if photometric == "PALETTE COLOR":
        values = apply_color_lut(values, dataset)
        return luminance(_eight_bits(values, 8 * values.dtype.itemsize))
    if values.ndim == 3:
        return luminance(_eight_bits(values, int(dataset.BitsStored)))
    if photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise UnsupportedDicom(what=photometric or "PhotometricInterpretation")
    # Both say that the lowest value is white, and together they say it once (PS3.3 C.8.11.3).
    inverted = photometric == "MONOCHROME1" or _code(dataset, "PresentationLUTShape") == "INVERSE"
    return displayed(values, dataset, inverted), False


def _transfer_syntax(dataset: FileDataset) -> UID:
    """The transfer syntax, by the way the file was parsed where it names none.

    Raises:
        UnsupportedDicom: Nothing installed decodes it.
    """
    if "TransferSyntaxUID" not in dataset.file_meta:
        implicit, little = dataset.original_encoding
        explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit
    syntax = dataset.file_meta.TransferSyntaxUID
    try:
        decodable = get_decoder(syntax).is_available
    except NotImplementedError:
        decodable = False
    if syntax == JPEGExtended12Bit and int(dataset.BitsStored) != 8:
        decodable = False
    if not decodable:
        raise UnsupportedDicom(what=syntax.name)
    return syntax


def _check_codestream(dataset: FileDataset) -> None:
    """Refuse a compressed image whose own size is not the header's, before it is decoded."""
    frame = get_frame(dataset.PixelData, 0, number_of_frames=1)
    size = codestream_size(frame)
    if size is not None and size != (int(dataset.Columns), int(dataset.Rows)):
        raise TruncatedFile(format="DICOM")


def _eight_bits(rgb: NDArray[np.integer[Any]], bits: int) -> NDArray[np.uint8]:
    return (rgb >> max(bits - 8, 0)).astype(np.uint8)
