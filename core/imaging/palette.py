"""Colours of a DICOM image by its palette (PS3.3 C.7.6.3.1.5 and 6)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut

from core.imaging.bands import bands
from core.imaging.luts import read_table
from core.messages.errors import UnsupportedDicom

_COLOURS = ("Red", "Green", "Blue")
PALETTE_ELEMENTS = [
    f"{segmented}{colour}PaletteColorLookupTable{part}"
    for segmented, part in (("", "Descriptor"), ("", "Data"), ("Segmented", "Data"))
    for colour in _COLOURS
]


def palette_colours(values: NDArray[Any], header: Dataset) -> NDArray[Any]:
    """The colours that values stand for.

    Args:
        values: Shape (rows, columns), integers.
        header: With the palettes.

    Returns:
        Shape (rows, columns, 3): uint8, or uint16 where the palettes go beyond bytes.

    Raises:
        UnsupportedDicom: The palettes make no sense.
    """
    if any(f"Segmented{colour}PaletteColorLookupTableData" in header for colour in _COLOURS):
        segmented: NDArray[Any] = apply_color_lut(values, header)
        return segmented
    is_little = getattr(header, "original_encoding", (None, True))[1] is not False
    names = [f"{colour}PaletteColorLookupTable" for colour in _COLOURS]
    tables = [read_table(header, f"{name}Descriptor", f"{name}Data", is_little) for name in names]
    known = [table for table in tables if table is not None]
    if len(known) < len(_COLOURS):
        raise UnsupportedDicom(what="PALETTE COLOR")
    top = max(table.top for table in known)
    scale, kind = (1.0, np.uint8) if top <= 255 else (65535 / top, np.uint16)
    colours: NDArray[Any] = np.empty((*values.shape, len(known)), kind)
    for rows in bands(values.shape):
        numbers = values[rows].astype(np.float64)
        for channel, table in enumerate(known):
            colours[rows, :, channel] = np.rint(table.look_up(numbers) * scale)
    return colours
