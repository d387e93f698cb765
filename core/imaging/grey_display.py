"""How a grey DICOM film is displayed, in the terms of a presentation state (PS3.3 C.11)."""

from dataclasses import dataclass

from pydicom.dataset import FileDataset

from core.imaging.aspect import dicom_aspect
from core.imaging.dicom import parse, stored_pixels
from core.imaging.display import own_range
from core.imaging.film import Film
from core.imaging.header import code, integer, number
from core.imaging.luts import Table, read_table

WINDOW_IGNORED = "film.notice.window"


@dataclass(frozen=True, slots=True)
class Rescale:
    """Stored values, times ``slope`` and plus ``intercept``, are what the modality means."""

    slope: float
    intercept: float


@dataclass(frozen=True, slots=True)
class Level:
    """A window on what the modality means: its centre, its width, over 0, and its function."""

    centre: float
    width: float
    function: str = "LINEAR"


@dataclass(frozen=True, slots=True)
class GreyDisplay:
    """How a film is displayed.

    Attributes:
        rows: Of the stored image.
        columns: Of the stored image.
        aspect: Height of a pixel by its width.
        modality: From stored values to what the modality means.
        voi: From that to what a screen shows.
        inverted: Whether the lowest value is white.
    """

    rows: int
    columns: int
    aspect: float
    modality: Table | Rescale
    voi: Table | Level
    inverted: bool


def grey_display(data: bytes, film: Film) -> GreyDisplay | None:
    """How a film is displayed, by the rules by which it was read.

    Args:
        data: The film's file.
        film: The film that was read from it.

    Returns:
        None for an image in colour or with a palette.
    """
    header = parse(data)
    rows, columns = integer(header, "Rows"), integer(header, "Columns")
    photometric = code(header, "PhotometricInterpretation")
    is_grey = photometric in ("", "MONOCHROME1", "MONOCHROME2")
    if rows is None or columns is None or not is_grey:
        return None
    shape = code(header, "PresentationLUTShape")
    is_told = all(notice.key != WINDOW_IGNORED for notice in film.notices)
    return GreyDisplay(
        rows=rows,
        columns=columns,
        aspect=dicom_aspect(header),
        modality=_modality(header),
        voi=(_voi(header) if is_told else None) or _own_window(header, rows, columns),
        inverted=photometric == "MONOCHROME1" or shape == "INVERSE",
    )


def _modality(header: FileDataset) -> Table | Rescale:
    if table := _table(header, "ModalityLUTSequence"):
        return table
    slope, intercept = number(header, "RescaleSlope"), number(header, "RescaleIntercept")
    return Rescale(slope or 1.0, intercept or 0.0)


def _voi(header: FileDataset) -> Table | Level | None:
    """The first table, or else the first window; None where neither makes sense."""
    table = _table(header, "VOILUTSequence")
    if table and table.top > 0:
        return table
    centre, width = number(header, "WindowCenter"), number(header, "WindowWidth")
    if centre is None or width is None:
        return None
    function = code(header, "VOILUTFunction")
    is_exact = function in ("LINEAR_EXACT", "SIGMOID")
    if width <= 0 or (not is_exact and width < 1):
        return None
    return Level(centre, width, function if is_exact else "LINEAR")


def _table(header: FileDataset, keyword: str) -> Table | None:
    items = header.get(keyword)
    if not items:
        return None
    is_little = header.original_encoding[1] is not False
    is_signed = integer(header, "PixelRepresentation") == 1
    return read_table(items[0], "LUTDescriptor", "LUTData", is_little, is_signed)


def _own_window(header: FileDataset, rows: int, columns: int) -> Level:
    """A window from the film's darkest to its brightest."""
    bottom, top = own_range(stored_pixels(header, rows, columns).values, header)
    return Level((bottom + top + 1) / 2, top - bottom + 1)
