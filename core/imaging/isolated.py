"""JPEG Lossless, JPEG-LS, deep JPEG and RLE, decoded in a process of its own.

GDCM decodes JPEG-LS here, and colour that is JPEG Lossless. On damaged data it ends its whole
process (measured: ``std::terminate`` or a segmentation fault on one file in a few hundred with
flipped bytes). RLE can unfold to 64 times its size whatever the header says. In the app either
would end every reader's session, so a child process with bounded memory decodes the one image and
may die of it.
"""

import os
import subprocess
import sys
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.encaps import generate_fragments
from pydicom.pixels.utils import pixel_array
from pydicom.uid import JPEGExtended12Bit, JPEGLossless, RLELossless

PIXEL_ELEMENTS = (
    *("ExtendedOffsetTable", "ExtendedOffsetTableLengths", "PixelData"),
    *("FloatPixelData", "DoubleFloatPixelData"),
)
"""Those that hold the pixels, and may be long."""

IMAGE_ELEMENTS = (
    *("SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames"),
    *("Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
    *PIXEL_ELEMENTS,
)
"""The DICOM elements that decoding needs."""

_END, _FILLING = b"\xff\xd9", b"\xaa" * 64
_LIMIT_SECONDS = 20
_LIMIT_BYTES = 768 * 2**20
"""What decoding one image may take beside the program itself."""


def decode_apart(data: bytes) -> NDArray[Any]:
    """Decode a DICOM file's pixel data in a child process.

    Args:
        data: The DICOM file.

    Returns:
        Stored values as ``pydicom.pixels.pixel_array`` gives them.

    Raises:
        ValueError: The child gave no array back.
        subprocess.SubprocessError: The child failed, died or took too long.
    """
    child = subprocess.run(  # noqa: S603 - a fixed command; the film is its input alone
        [sys.executable, "-I", str(Path(__file__).resolve())],
        input=data,
        capture_output=True,
        timeout=_LIMIT_SECONDS,
        check=True,
    )
    values: NDArray[Any] = np.load(BytesIO(child.stdout), allow_pickle=False)
    return values


def _main() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the film
        with suppress(OSError, ValueError):  # macOS knows no such limit
            limit = _LIMIT_BYTES + _own_bytes()
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    file = BytesIO(sys.stdin.buffer.read())
    dataset = pydicom.dcmread(file, force=True, specific_tags=list(IMAGE_ELEMENTS))
    values = np.ascontiguousarray(_decoded(dataset))
    header = np.lib.format.header_data_from_array_1_0(values)
    np.lib.format.write_array_header_1_0(sys.stdout.buffer, header)
    sys.stdout.buffer.write(values.data.cast("B"))


def _own_bytes() -> int:
    """Address space that the program takes by itself; 4 GiB where that is not told."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 2**32


def _decoded(dataset: pydicom.Dataset) -> NDArray[Any]:
    """Stored values, of colour in RGB."""
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax in (JPEGExtended12Bit, JPEGLossless):
        values = _by_turbo(b"".join(generate_fragments(dataset.PixelData)))
        if values.ndim == 2 or syntax == JPEGExtended12Bit:
            return values
    return pixel_array(dataset, decoding_plugin="pydicom" if syntax == RLELossless else "gdcm")


def _by_turbo(frame: bytes) -> NDArray[Any]:
    """A deep or lossless JPEG by libjpeg-turbo, which makes up what is missing at the end.

    Of a whole image it reads nothing beyond the end, so that what stands there changes nothing.

    Raises:
        EOFError: Something is missing.
    """
    from imagecodecs import jpeg8_decode  # not needed for the others

    whole = frame.rstrip(b"\0").removesuffix(_END)
    values: NDArray[Any] = jpeg8_decode(whole + _END)
    if not np.array_equal(values, jpeg8_decode(whole + _FILLING + _END)):
        raise EOFError
    return values


if __name__ == "__main__":
    _main()
