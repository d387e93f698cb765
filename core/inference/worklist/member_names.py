"""Names of files in a ZIP, in the letters that they were written in, or numbered.

A ZIP tells only whether a name is in UTF-8 (APPNOTE.TXT appendix D). Much software says nothing
and writes UTF-8 all the same, or in the code page of its own country. A wrong one invents letters,
so a name that makes no writing in any of them is replaced by a number.
"""

import re
import struct
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath
from zipfile import ZipInfo

_NAMED_IN_UTF_8, _UNICODE_PATH = 0x800, 0x7075
_HANGUL = re.compile("[\uac00-\ud7a3]")
_EAST_ASIAN = re.compile("[\u3005\u3041-\u3096\u30a1-\u30fe\u4e00-\u9fff\uac00-\ud7a3]")
_GLUED = re.compile(f"[A-Za-z]{_EAST_ASIAN.pattern}|{_EAST_ASIAN.pattern}[A-Za-z]")
_LATIN = re.compile("[A-Za-zÀ-ÖØ-öø-ÿ]")


def member_name(info: ZipInfo, number: int = 1) -> str:
    """A file's path in its archive.

    Args:
        info: The file's entry, as ``zipfile`` reads it.
        number: Stands for a name whose letters cannot be told.
    """
    if info.filename.isascii():
        return info.filename
    if info.flag_bits & _NAMED_IN_UTF_8:
        return info.filename if _is_shown(info.filename) else _numbered(info.filename, number)
    try:
        raw = info.filename.encode("cp437")  # as zipfile decoded it
    except UnicodeError:  # it took another path, such as the one below, by itself
        return info.filename
    found = _unicode_path(info.extra, raw) or _decoded(raw)
    return found or _numbered(raw.decode("ascii", "replace"), number)


def climbs_out(name: str) -> bool:
    """Whether a path leads out of where it starts.

    Examples:
        >>> climbs_out("a/../../b.png"), climbs_out("a..b/c.png")
        (True, False)
    """
    return ".." in re.split(r"[/\\]", name)


def _decoded(raw: bytes) -> str | None:
    """A name in the first encoding in which it is writing."""
    checks: dict[str, Callable[[str], bool]] = {
        "utf-8": _is_shown,
        "euc_kr": lambda words: _has_only(words, _HANGUL),
        "cp932": lambda words: _has_only(words, _EAST_ASIAN) and not _GLUED.search(words),
        "cp949": lambda words: _has_only(words, _HANGUL) and not _GLUED.search(words),
        "cp437": lambda words: _has_only(words, _LATIN),
    }
    for encoding, is_writing in checks.items():
        try:
            words = raw.decode(encoding)
        except UnicodeError:
            continue
        if is_writing(words):
            return words
    return None


def _has_only(words: str, letters: re.Pattern[str]) -> bool:
    """Whether all beyond ASCII are such letters."""
    return all(sign.isascii() or letters.fullmatch(sign) for sign in words) and words.isprintable()


def _is_shown(words: str) -> bool:
    return words.isprintable() and "\ufffd" not in words


def _numbered(name: str, number: int) -> str:
    """A neutral name with the file's own ending."""
    suffix = PurePosixPath(name).suffix
    ending = suffix if suffix.isascii() and suffix[1:].isalnum() and len(suffix) <= 6 else ""
    return f"{number:04d}{ending}"


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """The name in UTF-8 that a field beside the other one gives (APPNOTE.TXT 4.6.9)."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        body = extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_PATH and len(body) > 5 and body[0] == 1:
            if int.from_bytes(body[1:5], "little") != zlib.crc32(raw):
                return None
            try:
                return body[5:].decode("utf-8")
            except UnicodeError:
                return None
        at += 4 + size
    return None
