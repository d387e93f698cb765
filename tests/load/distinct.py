"""Copies of a film's file that differ in bytes which no reader of the film looks at."""

import zlib

_PNG, _JPEG, _DICOM = b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"DICM"
_HEADER_END, _PREAMBLE = 33, 128


def distinct(data: bytes, number: int) -> bytes:
    """A copy of a PNG, JPEG or DICOM file with a number in it; another file as it is."""
    words = f"copy {number}".encode()
    if data.startswith(_PNG):
        chunk = b"tEXtComment\0" + words
        sized = len(chunk) - 4
        piece = sized.to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
        return data[:_HEADER_END] + piece + data[_HEADER_END:]
    if data.startswith(_JPEG):
        return _JPEG + b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words + data[2:]
    if data[_PREAMBLE : _PREAMBLE + 4] == _DICOM:
        return words.ljust(_PREAMBLE, b"\0") + data[_PREAMBLE:]
    return data
