"""DICOM radiographs by pydicom, compressed or not, with or without preamble."""

import zlib
from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pydicom
import pydicom.filereader
from numpy.typing import NDArray
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from core.imaging.aspect import dicom_aspect, squared
from core.imaging.colour import luminance
from core.imaging.decoding import Stored, decode
from core.imaging.display import displayed
from core.imaging.file_type import DICOM_MARK, has_preamble
from core.imaging.film import Decoded, FilmFacts, Notice, check_size
from core.imaging.frames import coding_of
from core.imaging.header import age_years, code, integer
from core.imaging.isolated import IMAGE_ELEMENTS, PIXEL_ELEMENTS
from core.imaging.palette import PALETTE_ELEMENTS, palette_colours
from core.imaging.shutters import SHUTTER_ELEMENTS
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
_PIXEL_DATA_TAGS = (b"\xe0\x7f\x10\x00", b"\x7f\xe0\x00\x10")  # in either byte order
_ITEM_MARKS = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")
_MOST_ITEMS, _LONGEST_BYTES = 1000, 2**18
_MOST_INFLATED_BYTES = 128 * 10**6
_FLOAT_PIXELS = ("FloatPixelData", "DoubleFloatPixelData")

# Nothing else is parsed: what is never read cannot be kept.
_ELEMENTS = [
    *("SpecificCharacterSet", "SOPClassUID", "Modality", "ViewPosition", "PatientAge"),
    *("ViewCodeSequence", "BodyPartExamined", "PatientOrientation", "SyntheticData"),
    *("PixelPaddingValue", "PixelPaddingRangeLimit", "PresentationLUTShape", "VOILUTFunction"),
    *("FloatPixelPaddingValue", "FloatPixelPaddingRangeLimit"),
    *("DoubleFloatPixelPaddingValue", "DoubleFloatPixelPaddingRangeLimit"),
    *("ModalityLUTSequence", "RescaleSlope", "RescaleIntercept"),
    *("VOILUTSequence", "WindowCenter", "WindowWidth"),
    *("PixelAspectRatio", "PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"),
    *PALETTE_ELEMENTS,
    *SHUTTER_ELEMENTS,
    *IMAGE_ELEMENTS,
]


def read_dicom(data: bytes) -> Decoded:
    """Read a DICOM radiograph.

    Args:
        data: The file.

    Returns:
        The pixels, the facts, and what the reader should be told.

    Raises:
        FilmError: The object is refused.
        Exception: Whatever pydicom raises on damaged data.
    """
    dataset = parse(data)
    if "PixelData" not in dataset and not _is_float(dataset):
        if any(tag in data for tag in _PIXEL_DATA_TAGS):  # begun, but its end is missing
            raise TruncatedFile(format="DICOM")
        raise NoPixelData
    modality = _modality(dataset)
    if modality not in PLAIN_RADIOGRAPHS:
        raise WrongModality(modality=modality)
    frames = integer(dataset, "NumberOfFrames") or 1
    if frames > 1:
        raise AnimatedFile(format="DICOM", frames=frames)
    rows, columns = integer(dataset, "Rows"), integer(dataset, "Columns")
    if rows is None or columns is None:
        raise UnsupportedDicom(what="Rows, Columns: ?")
    check_size(columns, rows)
    stored = stored_pixels(dataset, rows, columns)
    pixels, notices = _grayscale(dataset, stored)
    pixels, told = squared(pixels, dicom_aspect(dataset))
    facts = FilmFacts(
        format="DICOM",
        width_px=pixels.shape[1],
        height_px=pixels.shape[0],
        bits=stored.bits,
        modality=modality or None,
        view=_view(dataset),
        body_part=code(dataset, "BodyPartExamined") or None,
        age_years=age_years(code(dataset, "PatientAge")),
        synthetic=code(dataset, "SyntheticData") == "YES",
    )
    return Decoded(pixels, facts, (*stored.notices, *notices, *told))


def stored_pixels(dataset: FileDataset, rows: int, columns: int) -> Stored:
    """The pixels of a parsed film, decoded.

    Raises:
        FilmError: They are fewer than the header says, or nothing installed decodes them.
        Exception: Whatever a decoder raises on damaged data.
    """
    if _is_float(dataset):
        return _float_values(dataset, rows, columns)
    return decode(dataset, _transfer_syntax(dataset))


def _is_float(dataset: Dataset) -> bool:
    return "PixelData" not in dataset and any(each in dataset for each in _FLOAT_PIXELS)


def parse(data: bytes) -> FileDataset:
    """The elements that matter of a DICOM file.

    Raises:
        UnknownFormat: Bytes without preamble that make no DICOM data set.
        UnsupportedDicom: They are deflated, and inflate beyond any film; or they are cut into
            more elements than any film has.
    """
    if data.startswith(DICOM_MARK):  # the mark without the 128 bytes before it
        data = bytes(128) + data
    named = has_preamble(data)
    try:
        dataset = pydicom.dcmread(_Bounded(data), force=True, specific_tags=_ELEMENTS)
        _drop_senseless(dataset)
    except UnsupportedDicom:
        raise
    except Exception:
        if named:
            raise
        raise UnknownFormat from None
    if not named and not any(known in dataset for known in ("SOPClassUID", "Rows", "PixelData")):
        raise UnknownFormat
    return dataset


class _Bounded(BytesIO):
    """A file that may be read in so many steps: pydicom sets no bound to how many elements are."""

    _left = 100_000

    def read(self, size: int | None = -1, /) -> bytes:
        """As of any file.

        Raises:
            UnsupportedDicom: There were too many steps.
        """
        self._left -= 1
        if self._left < 0:
            raise UnsupportedDicom(what=f"> {_Bounded._left} elements")
        return super().read(size)


def _drop_senseless(dataset: Dataset) -> None:
    """Leave out values longer, and sequences of more items, than any film's: as good as missing."""
    for keyword in set(_ELEMENTS) & set(dataset.dir()) - set(PIXEL_ELEMENTS):
        element = dataset.get_item(keyword)
        value = element.value if isinstance(element, RawDataElement) else None
        if not isinstance(value, bytes):
            continue
        is_sequence = keyword.endswith("Sequence")
        items = sum(value.count(mark) for mark in _ITEM_MARKS) if is_sequence else 0
        if items > _MOST_ITEMS or len(value) > _LONGEST_BYTES * (16 if is_sequence else 1):
            del dataset[keyword]


def _inflate(packed: bytes, wbits: int) -> bytes:
    """What ``zlib.decompress`` gives, bounded: pydicom sets no bound to a deflated data set.

    Raises:
        UnsupportedDicom: It inflates beyond any film.
        zlib.error: It is damaged.
    """
    inflater = zlib.decompressobj(wbits)
    data = inflater.decompress(packed, _MOST_INFLATED_BYTES)
    if inflater.unconsumed_tail:
        raise UnsupportedDicom(what="Deflated Explicit VR Little Endian")
    if not inflater.eof:
        raise zlib.error("the stream ends early")
    return data


pydicom.filereader.DicomBytesIO = _Bounded  # type: ignore
pydicom.filereader.zlib = SimpleNamespace(decompress=_inflate, MAX_WBITS=zlib.MAX_WBITS)  # type: ignore


def _view(dataset: Dataset) -> str | None:
    """The view position; of a digital film without one, what its view code means."""
    if view := code(dataset, "ViewPosition"):
        return view
    codes = dataset.get("ViewCodeSequence") or [Dataset()]
    if meaning := code(codes[0], "CodeMeaning"):
        return meaning
    # Rows that run to the front or the back are a lateral film's (PS3.3 C.7.6.1.1.1).
    orientation = code(dataset, "PatientOrientation").split()
    is_lateral = len(orientation) == 2 and orientation[0][:1] in ("A", "P")
    return "LATERAL" if is_lateral and orientation[1][:1] in ("F", "H") else None


def _modality(dataset: Dataset) -> str:
    """The modality, by the SOP class where the element is missing or says nothing."""
    modality = code(dataset, "Modality")
    if modality in ("", "OT"):
        family = code(dataset, "SOPClassUID").removeprefix(_SOP_CLASS)
        for root, name in _SOP_MODALITIES.items():
            if family == root or family.startswith(f"{root}."):
                return name
    return modality


def _grayscale(dataset: Dataset, stored: Stored) -> tuple[NDArray[np.float32], tuple[Notice, ...]]:
    """Pixels in [0, 1], and what the reader should be told.

    Raises:
        UnsupportedDicom: Neither grey nor colour, by its own words.
    """
    values, photometric = stored.values, stored.photometric
    if photometric == "PALETTE COLOR":
        colours = palette_colours(values, dataset)
        return luminance(colours, 8 * colours.dtype.itemsize)
    if values.ndim == 3:
        return luminance(values, stored.bits)
    shape = code(dataset, "PresentationLUTShape")
    if not photometric and shape in ("IDENTITY", "INVERSE"):  # says which, by itself
        photometric = "MONOCHROME2"
    if photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise UnsupportedDicom(what=photometric or "PhotometricInterpretation: ?")
    # Both say that the lowest value is white, and together they say it once (PS3.3 C.8.11.3).
    return displayed(values, dataset, photometric == "MONOCHROME1" or shape == "INVERSE")


def _float_values(dataset: FileDataset, rows: int, columns: int) -> Stored:
    """Pixels kept as floating point numbers (PS3.3 C.7.6.24 and 25).

    Raises:
        TruncatedFile: There are fewer than the header says.
    """
    keyword = next(each for each in _FLOAT_PIXELS if each in dataset)
    little = "<" if dataset.original_encoding[1] is not False else ">"
    kind = np.dtype(f"{little}f{4 if keyword == _FLOAT_PIXELS[0] else 8}")
    data = dataset[keyword].value
    if len(data) < rows * columns * kind.itemsize:
        raise TruncatedFile(format="DICOM")
    values = np.frombuffer(data, kind, rows * columns).reshape(rows, columns)
    photometric = code(dataset, "PhotometricInterpretation") or "MONOCHROME2"
    native = values.astype(kind.newbyteorder("="), copy=False)
    return Stored(native, 8 * kind.itemsize, photometric)


def _transfer_syntax(dataset: FileDataset) -> UID:
    """The transfer syntax, by the way the file was parsed where it names none.

    Raises:
        UnsupportedDicom: Nothing installed decodes it.
    """
    if "TransferSyntaxUID" not in dataset.file_meta:
        implicit, little = dataset.original_encoding
        explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        return ImplicitVRLittleEndian if implicit else explicit
    syntax: UID = dataset.file_meta.TransferSyntaxUID
    if not syntax.is_transfer_syntax or coding_of(syntax) is None:
        raise UnsupportedDicom(what=syntax.name if syntax.is_valid else "TransferSyntaxUID: ?")
    return syntax
