"""How a DICOM header says that pixels are laid out, mended where the bytes tell."""

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import FileDataset

from core.imaging.codestream import sample_layout
from core.imaging.frames import Coding, Stream, rle_segments
from core.imaging.header import code, integer
from core.messages.errors import UnsupportedDicom


@dataclass(frozen=True, slots=True)
class Layout:
    """How a header says that pixels are laid out, mended where one reading makes sense.

    Attributes:
        rows: Height in pixels.
        columns: Width in pixels.
        samples: Values of one pixel.
        allocated: Bits from one value to the next.
        stored: Bits of a value.
        high: The highest of them.
        is_signed: Whether values have a sign.
        photometric: Photometric Interpretation, in capitals; empty where unknown.
    """

    rows: int
    columns: int
    samples: int
    allocated: int
    stored: int
    high: int
    is_signed: bool
    photometric: str


def read_layout(dataset: FileDataset, stream: Stream) -> Layout:
    """The header's layout, with what it lacks taken from the bytes.

    Raises:
        UnsupportedDicom: It lacks what the bytes do not tell.
    """
    rows, columns = integer(dataset, "Rows"), integer(dataset, "Columns")
    precision, components = sample_layout(stream.data) or (0, 0)
    if rows is None or columns is None:
        raise UnsupportedDicom(what="Rows, Columns: ?")
    photometric = code(dataset, "PhotometricInterpretation")
    samples = integer(dataset, "SamplesPerPixel")
    if samples not in (1, 3):
        samples = components
    if samples not in (1, 3):
        is_colour = photometric.startswith(("RGB", "YBR"))
        samples = 3 if is_colour else 1
    allocated = integer(dataset, "BitsAllocated")
    if allocated not in (1, 8, 16, 32, 64):
        allocated = _allocated(stream, rows * columns * samples, precision)
    stored = integer(dataset, "BitsStored")
    high = integer(dataset, "HighBit") if stream.coding is Coding.NATIVE else None
    if stored is None or not 1 <= stored <= allocated:
        stored = precision or (allocated if high is None else min(high + 1, allocated))
    return Layout(
        rows,
        columns,
        samples,
        allocated,
        stored,
        stored - 1 if high is None or high >= allocated else high,
        _is_signed(dataset, stream, allocated),
        photometric or ("RGB" if samples == 3 else ""),
    )


def _allocated(stream: Stream, values: int, precision: int) -> int:
    """Bits from one value to the next, where the header does not say.

    Raises:
        UnsupportedDicom: The bytes do not say either.
    """
    if stream.coding is Coding.RLE:
        return 8 * rle_segments(stream.data)
    if precision:
        return 8 if precision <= 8 else 16
    allocated = 8 * (len(stream.data) // max(values, 1))
    if stream.coding is not Coding.NATIVE or allocated not in (8, 16, 32):
        raise UnsupportedDicom(what="BitsAllocated: ?")
    return allocated


def _is_signed(dataset: FileDataset, stream: Stream, allocated: int) -> bool:
    """Whether values have a sign; where the header does not say, the narrower reading."""
    representation = integer(dataset, "PixelRepresentation")
    if representation is not None or stream.coding is not Coding.NATIVE or allocated != 16:
        return representation == 1
    values = np.frombuffer(stream.data[: len(stream.data) // 2 * 2], "<u2")
    if not values.size:
        return False
    signed = values.view("<i2")
    spans = [int(each.max()) - int(each.min()) for each in (values, signed)]
    return 2 * spans[1] < spans[0]
