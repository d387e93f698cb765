"""Stored values of a DICOM image: decoded, whatever the coding, and rid of what is not the image.

Where the header and the bytes differ, the one reading that makes sense is taken and told; where
none does, the file is refused.
"""

import subprocess
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLSLossless,
    RLELossless,
)

from core.imaging.block_steps import has_block_step
from core.imaging.codestream import (
    codestream_size,
    frame_header,
    is_jpeg2000_whole,
)
from core.imaging.film import Notice, check_size
from core.imaging.frames import Coding, Stream, find_stream, rle_segments
from core.imaging.header import integer
from core.imaging.isolated import decode_apart
from core.imaging.jpeg import JpegDamaged, decode_jpeg, jpeg_bytes
from core.imaging.layout import Layout, read_layout
from core.messages.errors import DecoderStopped, TruncatedFile, UnsupportedDicom

_SYNTAXES = {  # that decode each coding, whichever of its kind the file names
    Coding.RLE: RLELossless,
    Coding.JPEG: JPEGExtended12Bit,
    Coding.JPEG_LOSSLESS: JPEGLossless,
    Coding.JPEG_LS: JPEGLSLossless,
    Coding.JPEG_2000: JPEG2000Lossless,
}
_KILLED = -9
"""By SIGKILL: no decoder does that to itself, a system without memory does."""
MISLABELLED, DOUBTFUL = Notice("film.notice.mislabelled"), Notice("film.notice.damage")


@dataclass(frozen=True, slots=True)
class Stored:
    """A decoded image.

    Attributes:
        values: Shape (rows, columns) or (rows, columns, 3) in RGB; integers or floats.
        bits: Of one value.
        photometric: As the header says, in capitals; empty where unknown.
        notices: What the reader should be told of the decoding.
    """

    values: NDArray[Any]
    bits: int
    photometric: str
    notices: tuple[Notice, ...] = ()


def decode(dataset: FileDataset, syntax: UID) -> Stored:
    """Decode the one image of a file.

    Raises:
        TruncatedFile: Its data end early or are damaged.
        UnsupportedDicom: Nothing here decodes it, or no reading of it makes sense.
        Exception: Whatever pydicom raises on what no check foresaw.
    """
    pixel_data = _pixel_data(dataset)
    try:
        stream = find_stream(pixel_data, syntax)
    except ValueError:  # damaged fragments
        raise TruncatedFile(format="DICOM") from None
    if stream is None:
        raise TruncatedFile(format="DICOM")
    layout = read_layout(dataset, stream)
    check_size(layout.columns, layout.rows, _decoder_bytes(layout, stream))
    notices: tuple[Notice, ...] = () if stream.is_as_told else (MISLABELLED,)
    if stream.coding is Coding.NATIVE:
        values = _native(layout, stream, dataset, syntax)
    else:
        _check_codestream(stream, layout)
        values, is_doubtful = _decompressed(layout, stream, dataset)
        notices += (DOUBTFUL,) if is_doubtful else ()
    values = within_stored_bits(values, layout)
    return Stored(values, layout.stored, layout.photometric, notices)


def _decoder_bytes(layout: Layout, stream: Stream) -> float:
    """What decoding holds of each pixel, in the process that takes more."""
    stored = layout.samples * max(1.0, layout.allocated / 8)
    palette = 6.0 if layout.photometric == "PALETTE COLOR" else 0.0
    if stream.coding is Coding.JPEG:
        header = frame_header(stream.data)
        if header is not None and header.precision == 8:
            return jpeg_bytes(stream.data, len(header.samplings))
    if stream.coding is Coding.JPEG_2000:
        return max(8, 4 * layout.samples) + palette
    if stream.coding is Coding.NATIVE and layout.photometric.startswith("YBR"):
        return 8 * stored
    return 2 * stored + palette


def within_stored_bits(values: NDArray[Any], layout: Layout) -> NDArray[Any]:
    """Values without what stands above their own bits, and with their sign.

    Bits above the highest may hold an overlay or rubbish (PS3.5 8.1.1), and some decoders leave
    them in. Every decoder's output comes through here.

    Raises:
        UnsupportedDicom: The image's own bits are not the lowest ones.
    """
    bits = 8 * values.dtype.itemsize
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    if layout.high != layout.stored - 1:
        raise UnsupportedDicom(what=f"BitsStored {layout.stored}, HighBit {layout.high}")
    unsigned: NDArray[Any] = values.view(f"u{values.dtype.itemsize}")
    signed: NDArray[Any] = unsigned.view(f"i{values.dtype.itemsize}")
    if layout.stored >= bits:
        return signed if layout.is_signed else unsigned
    free = bits - layout.stored
    own: NDArray[Any] = unsigned & np.array(2**layout.stored - 1, unsigned.dtype)
    if layout.is_signed:
        own = np.right_shift(np.left_shift(signed, free), free)
    return own


def _pixel_data(dataset: FileDataset) -> bytes:
    data: bytes = dataset.PixelData or b""
    return data


def _native(layout: Layout, stream: Stream, dataset: FileDataset, syntax: UID) -> NDArray[Any]:
    """Values that are not compressed.

    Raises:
        TruncatedFile: There are fewer than the header says.
    """
    if not stream.is_as_told:
        syntax = ExplicitVRLittleEndian
    values = layout.rows * layout.columns * layout.samples
    if layout.photometric == "YBR_FULL_422":
        values = values * 2 // 3
    allocated = layout.allocated
    if len(stream.data) < (values * allocated + 7) // 8:
        if allocated != 16 or layout.stored > 8 or len(stream.data) < values:
            raise TruncatedFile(format="DICOM")
        allocated = 8  # bytes in spite of a header for words
    image = _image(layout, stream.data, allocated, dataset)
    image["PixelData"].VR = "OB" if dataset["PixelData"].VR == "OB" else "OW"  # for its byte order
    image.BitsStored, image.HighBit = allocated, allocated - 1  # what is above is cut off later
    image.file_meta.TransferSyntaxUID = syntax
    image.set_original_encoding(False, syntax != ExplicitVRBigEndian)
    return pixel_array(image, view_only=True)


def _check_codestream(stream: Stream, layout: Layout) -> None:
    """Refuse a compressed image whose own size is not the header's, before it is decoded.

    Raises:
        TruncatedFile: The sizes differ, or the data end early.
    """
    size = codestream_size(stream.data)
    if size is not None and size != (layout.columns, layout.rows):
        raise TruncatedFile(format="DICOM")
    if stream.coding is Coding.JPEG_2000 and not is_jpeg2000_whole(stream.data):
        raise TruncatedFile(format="DICOM")


def _decompressed(
    layout: Layout, stream: Stream, dataset: FileDataset
) -> tuple[NDArray[Any], bool]:
    """Values of a compressed image, and whether its data look damaged.

    Raises:
        TruncatedFile: They clearly are.
    """
    if stream.coding is Coding.JPEG:
        return _jpeg(layout, stream, dataset)
    allocated = layout.allocated
    if stream.coding is Coding.RLE:
        each, rest = divmod(rle_segments(stream.data), layout.samples)
        allocated = allocated if rest or each not in (1, 2, 4) else 8 * each
    image = _image(layout, encapsulate([stream.data], has_bot=False), allocated, dataset)
    image.file_meta.TransferSyntaxUID = _SYNTAXES[stream.coding]
    if stream.coding is Coding.JPEG_2000:
        try:
            return pixel_array(image, view_only=True, decoding_plugin="pillow"), False
        except RuntimeError:  # OpenJPEG makes no sense of it
            raise TruncatedFile(format="DICOM") from None
    return _apart(image), False


def _jpeg(layout: Layout, stream: Stream, dataset: FileDataset) -> tuple[NDArray[Any], bool]:
    try:
        jpeg = decode_jpeg(stream.data)
    except JpegDamaged:
        raise TruncatedFile(format="DICOM") from None
    if jpeg is not None and layout.stored > 8:
        raise UnsupportedDicom(what=f"JPEG Extended, 8 bits, BitsStored {layout.stored}")
    if jpeg is not None:
        return jpeg.pixels, jpeg.is_doubtful
    header = frame_header(stream.data)
    if header is None or header.precision not in (8, 12):
        raise UnsupportedDicom(what=f"JPEG, {header.precision if header else '?'} bits")
    image = _image(layout, encapsulate([stream.data], has_bot=False), 16, dataset)
    image.file_meta.TransferSyntaxUID = JPEGExtended12Bit
    values = _apart(image)
    bright = values if values.ndim == 2 else values[..., 1]
    eight = (bright >> (header.precision - 8)).astype(np.uint8)
    return values, has_block_step(eight, header.coded_block_px)


def _apart(image: FileDataset) -> NDArray[Any]:
    """Decode an image in a process of its own.

    Raises:
        DecoderStopped: That process was killed.
        TruncatedFile: It failed, died or took too long.
    """
    file = BytesIO()
    image.save_as(file, enforce_file_format=True)
    try:
        return decode_apart(file.getvalue())
    except subprocess.CalledProcessError as error:
        if error.returncode == _KILLED:
            raise DecoderStopped from None
        raise TruncatedFile(format="DICOM") from None
    except (subprocess.SubprocessError, ValueError):
        raise TruncatedFile(format="DICOM") from None


def _image(layout: Layout, data: bytes, allocated: int, dataset: FileDataset) -> FileDataset:
    """The image alone, with a header that fits it."""
    image = FileDataset("", Dataset(), file_meta=FileMetaDataset())
    image.file_meta.MediaStorageSOPClassUID = image.SOPClassUID = UID("1.2.840.10008.5.1.4.1.1.7")
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID = UID("1.2.3")
    image.Rows, image.Columns, image.SamplesPerPixel = layout.rows, layout.columns, layout.samples
    image.PhotometricInterpretation = layout.photometric or "MONOCHROME2"
    if layout.samples == 3:
        if not layout.photometric.startswith("YBR"):
            image.PhotometricInterpretation = "RGB"
        image.PlanarConfiguration = integer(dataset, "PlanarConfiguration") or 0
    image.BitsAllocated = allocated
    image.BitsStored = min(layout.stored, allocated)
    image.HighBit = image.BitsStored - 1
    image.PixelRepresentation = int(layout.is_signed)
    image.PixelData = data
    image["PixelData"].VR = "OB" if allocated <= 8 or data.startswith(b"\xfe\xff\x00\xe0") else "OW"
    image["PixelData"].is_undefined_length = data.startswith(b"\xfe\xff\x00\xe0")
    image.set_original_encoding(False, True)
    return image
