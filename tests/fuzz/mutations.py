"""Seeds and what breaks them: bytes anywhere, and the parts that each format is made of."""

import io
import struct
import zlib
from collections.abc import Callable
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
from PIL import Image

from tests.support.phantoms import SYNTAXES, chest_phantom, encode, write_dicom

Random = np.random.Generator
_EDGES = (0, 1, 2, 3, 7, 8, 16, 127, 128, 255, 256, 32_767, 65_535, 2**31 - 1, 2**32 - 1)
_ZIP_MARKS = (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06")


def seeds() -> dict[str, bytes]:
    """Small sound files of every form that is read, by name."""
    small = chest_phantom(72, 80)
    deep = small.astype(np.uint16) * 16
    colour = np.dstack([small] * 3)
    clear = np.dstack([colour, np.full_like(small, 200)])
    palette = io.BytesIO()
    Image.fromarray(colour).quantize(64).save(palette, "PNG")
    films = {name: encode(small, name) for name in ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF")}
    films |= {f"{name} clear": encode(clear, name) for name in ("PNG", "TIFF", "WEBP")}
    films |= {"PNG deep": encode(deep, "PNG"), "PNG palette": palette.getvalue()}
    films |= {"JPEG colour": encode(colour, "JPEG"), "TIFF deep": encode(deep, "TIFF")}
    films["JPEG progressive"] = encode(colour, "JPEG", progressive=True)
    packings = ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits")
    films |= {f"TIFF {each}": encode(small, "TIFF", compression=each) for each in packings}
    for syntax in SYNTAXES:
        films[f"DICOM {syntax}"] = write_dicom(small, syntax=syntax)
    shutter = {"ShutterShape": "CIRCULAR", "CenterOfCircularShutter": [36, 40]}
    films["DICOM shutter"] = write_dicom(
        deep, bits=12, RadiusOfCircularShutter=30, WindowCenter=900, WindowWidth=900, **shutter
    )
    archive = io.BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as packed:
        for name in ("PNG", "DICOM explicit"):
            packed.writestr(f"study/{name}", films[name])
    return films | {"ZIP": archive.getvalue()}


def broken(name: str, data: bytes, random: Random) -> bytes:
    """A seed with one to four things broken in it."""
    by_format = {"PNG": _png, "JPEG": _jpeg, "TIFF": _tiff, "DICOM": _dicom, "ZIP": _zip}
    aimed = by_format.get(name.split()[0], _bytes)
    for _ in range(random.integers(1, 5)):
        ways: list[Callable[[bytes, Random], bytes]] = [
            aimed,
            aimed,
            aimed,
            _bytes,
            _cut,
            _repeated,
        ]
        try:
            data = ways[random.integers(len(ways))](data, random)
        except (struct.error, ValueError, IndexError):  # nothing left to aim at
            data = _bytes(data, random)
    return data


def _number(random: Random, width: int) -> int:
    edge = _EDGES[random.integers(len(_EDGES))]
    value = edge if random.random() < 0.7 else int(random.integers(2**32))
    return value & (2 ** (8 * width) - 1)


def _at(data: bytes, place: int, new: bytes) -> bytes:
    return data[:place] + new + data[place + len(new) :]


def _bytes(data: bytes, random: Random) -> bytes:
    if not data:
        return b"\0"
    reach = len(data) if random.random() < 0.5 else min(len(data), 600)
    return _at(data, int(random.integers(reach)), random.bytes(int(random.integers(1, 5))))


def _cut(data: bytes, random: Random) -> bytes:
    return data[: int(random.integers(len(data) + 1))]


def _repeated(data: bytes, random: Random) -> bytes:
    first, last = sorted(int(each) for each in random.integers(len(data) + 1, size=2))
    times = min(int(random.integers(1, 200)), 2**20 // max(1, last - first))
    return data[:last] + data[first:last] * times + data[last:]


def _png(data: bytes, random: Random) -> bytes:
    """A number in a chunk, and the chunk's checksum made right again."""
    chunks, at = [], 8
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    index = int(random.integers(len(chunks)))
    kind, body = chunks[index]
    if random.random() < 0.2:
        kind = (b"tRNS", b"PLTE", b"gAMA", b"pHYs", b"iCCP", b"acTL", b"zTXt")[random.integers(7)]
    width = int(random.choice([1, 2, 4]))
    place = int(random.integers(max(1, len(body) - width + 1)))
    chunks[index] = (kind, _at(body, place, _number(random, width).to_bytes(width)))
    if random.random() < 0.2:
        chunks.insert(int(random.integers(len(chunks))), chunks[int(random.integers(len(chunks)))])
    parts = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    return data[:8] + b"".join(parts)


def _jpeg(data: bytes, random: Random) -> bytes:
    """A byte or a word in the segment of a marker."""
    places = [at for at in range(len(data) - 12) if data[at] == 0xFF and data[at + 1] >= 0xC0]
    at = places[random.integers(len(places))] + int(random.integers(1, 12))
    width = int(random.choice([1, 2]))
    return _at(data, at, _number(random, width).to_bytes(width))


def _tiff(data: bytes, random: Random) -> bytes:
    """A field of an entry of the directory."""
    order = "<" if data[:2] == b"II" else ">"
    (directory,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, directory)
    at = directory + 2 + 12 * int(random.integers(count))
    offset, kind, width = ((0, "H", 2), (2, "H", 2), (4, "I", 4), (8, "I", 4))[random.integers(4)]
    return _at(data, at + offset, struct.pack(f"{order}{kind}", _number(random, width)))


def _dicom(data: bytes, random: Random) -> bytes:
    """The value, the length or the type of an element of group 0028 or 7FE0, or of any."""
    groups = (b"\x28\x00", b"\x18\x00", b"\x08\x00", b"\xe0\x7f", b"\xfe\xff", b"\x02\x00")
    group = groups[random.integers(len(groups))]
    places = [at for at in range(len(data) - 12) if data.startswith(group, at)]
    at = places[random.integers(len(places))] + int(random.choice([2, 4, 6, 8, 8, 8, 10, 12]))
    width = int(random.choice([1, 2, 4]))
    return _at(data, at, _number(random, width).to_bytes(width, "little"))


def _zip(data: bytes, random: Random) -> bytes:
    """A field of a member's record or of the directory."""
    at = data.rindex(_ZIP_MARKS[random.integers(3)]) + int(random.integers(4, 46))
    width = int(random.choice([2, 4]))
    return _at(data, at, _number(random, width).to_bytes(width, "little"))
