"""ZIP archives of films: never unpacked, each file read when its turn comes.

An archive can claim anything. So its directory is measured before it is parsed, what it claims to
unpack to is bounded, and ``zipfile`` stops at the size that a file claims, whatever follows.
"""

import re
import stat
import struct
import zlib
from pathlib import PurePosixPath
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from core.imaging import UPLOAD_LIMIT_MB
from core.imaging.file_type import sniff
from core.inference.worklist.member_names import climbs_out
from core.messages.errors import (
    ArchiveClosed,
    ArchiveDamaged,
    ArchiveInside,
    ArchiveLink,
    ArchiveOutside,
    ArchiveTooLarge,
    FileTooLarge,
)

PACKED_LIMIT_MB, UNPACKED_LIMIT_GB = 512, 16
MAX_FILES = 10_000
MAX_RATIO = 100
"""An archive may unpack to so many times its size; films stay under ten, bombs reach a thousand."""

_DIRECTORY_LIMIT_BYTES = 8 * 2**20
_END_MARK, _END_BYTES, _LONGEST_COMMENT = b"PK\x05\x06", 22, 2**16
_ZIP64_MARK, _ZIP64_BYTES = b"PK\x06\x07", 56 + 20
_MARKS = (b"PK\x03\x04", _END_MARK)
_ENCRYPTED = 0x1
_HEAD_BYTES = 132
_NAMED_LIKE_FILMS = frozenset(
    (".dcm", ".dicom", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp", ".gif", ".zip")
)


def is_archive(head: bytes) -> bool:
    """Whether a file that starts so is a ZIP archive."""
    return head.startswith(_MARKS)


def is_hidden(name: str) -> bool:
    """Whether a path leads to what an operating system keeps for itself.

    Examples:
        >>> is_hidden("study/__MACOSX/a.dcm"), is_hidden("study/.DS_Store"), is_hidden("study/IM1")
        (True, True, False)
    """
    parts = set(re.split(r"[/\\]", name)) - {".", ".."}
    return any(part == "__MACOSX" or part.startswith(".") for part in parts)


def may_be_film(name: str, head: bytes) -> bool:
    """Whether a file of a folder is worth a row: by its content, or because its name claims it.

    Args:
        name: The file's path.
        head: Its first bytes, 132 or more.
    """
    return sniff(head) is not None or PurePosixPath(name).suffix.lower() in _NAMED_LIKE_FILMS


def open_archive(file: BinaryIO) -> ZipFile:
    """Open an archive and check all that it claims.

    Args:
        file: The archive, in memory; it must stay open as long as files are read from it.

    Raises:
        ArchiveDamaged: There is no directory, or it cannot be parsed.
        ArchiveTooLarge: It has, or claims, more than is read.
    """
    packed_bytes = _check_directory(file)
    try:
        archive = ZipFile(file)
    except (BadZipFile, NotImplementedError, ValueError, OSError):
        raise ArchiveDamaged from None
    unpacked_bytes = sum(info.file_size for info in archive.infolist())
    allowed = max(MAX_RATIO * packed_bytes, UPLOAD_LIMIT_MB * 2**20)
    if len(archive.infolist()) > MAX_FILES or unpacked_bytes > min(
        allowed, UNPACKED_LIMIT_GB * 2**30
    ):
        raise _too_large()
    return archive


def _check_directory(file: BinaryIO) -> int:
    """Refuse what is too long to be parsed, for ``zipfile`` sets no bound; gives the file's size.

    The directory's length stands in the record that ends an archive, and where a ZIP64 record
    stands before that, there (APPNOTE.TXT 4.3.14 to 16,
    https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT).
    """
    packed_bytes = file.seek(0, 2)
    if packed_bytes > PACKED_LIMIT_MB * 2**20:
        raise _too_large()
    file.seek(max(0, packed_bytes - _END_BYTES - _LONGEST_COMMENT - _ZIP64_BYTES))
    tail = file.read()
    end = tail.rfind(_END_MARK)
    if end < 0 or len(tail) < end + _END_BYTES:
        raise ArchiveDamaged
    (directory_bytes,) = struct.unpack_from("<I", tail, end + 12)
    if end >= _ZIP64_BYTES and tail[end - 20 : end].startswith(_ZIP64_MARK):
        (directory_bytes,) = struct.unpack_from("<Q", tail, end - _ZIP64_BYTES + 40)
    if directory_bytes > _DIRECTORY_LIMIT_BYTES:
        raise _too_large()
    return packed_bytes


def _too_large() -> ArchiveTooLarge:
    return ArchiveTooLarge(
        packed_mb=PACKED_LIMIT_MB, unpacked_gb=UNPACKED_LIMIT_GB, ratio=MAX_RATIO, files=MAX_FILES
    )


def film_members(archive: ZipFile) -> tuple[list[ZipInfo], int]:
    """The files of an archive that are worth a row, and how many others there are.

    Hidden files and folders are not counted. Of the others, only the first bytes are read.
    """
    members, others = [], 0
    for info in archive.infolist():
        if info.filename.endswith("/") or is_hidden(info.filename):
            continue
        if _is_link(info) or may_be_film(info.filename, _head(archive, info)):
            members.append(info)
        else:
            others += 1
    return members, others


def _head(archive: ZipFile, info: ZipInfo) -> bytes:
    """A file's first bytes; those of a file that cannot be opened say nothing."""
    try:
        return _unpacked(archive, info, _HEAD_BYTES)
    except (ArchiveDamaged, ArchiveClosed):
        return b""


def read_member(archive: ZipFile, info: ZipInfo) -> bytes:
    """The bytes of one file, never more than a film may have.

    Raises:
        ArchiveOutside: Its path leads out of the archive.
        ArchiveLink: It is a link to another file.
        FileTooLarge: It claims to be over the limit of a film.
        ArchiveClosed: It is encrypted or packed in a way that is not read.
        ArchiveDamaged: Its data end early, or are not those that the directory claims.
        ArchiveInside: It is an archive itself.
    """
    if climbs_out(info.filename):
        raise ArchiveOutside
    if _is_link(info):
        raise ArchiveLink
    if info.file_size > UPLOAD_LIMIT_MB * 2**20:
        raise FileTooLarge(size_mb=info.file_size / 2**20, limit_mb=UPLOAD_LIMIT_MB)
    data = _unpacked(archive, info, info.file_size + 1)  # to its end, where the checksum is
    if is_archive(data):
        raise ArchiveInside
    return data


def _is_link(info: ZipInfo) -> bool:
    """Whether an entry is a symbolic link: its upper bits are a Unix mode then."""
    return stat.S_ISLNK(info.external_attr >> 16)


def _unpacked(archive: ZipFile, info: ZipInfo, size: int) -> bytes:
    if info.flag_bits & _ENCRYPTED or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise ArchiveClosed  # bzip2 and LZMA unpack a block at a time, however large it is
    try:
        with archive.open(info) as member:
            return member.read(size)
    except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError):
        raise ArchiveDamaged from None
