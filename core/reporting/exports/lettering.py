"""The report's typeface and its styles: Noto Sans KR, which the file carries.

Names may have letters that it lacks: two more typefaces stand in for those. Scripts that need
shaping or run from right to left (Arabic, Hebrew, Thai, ...) are not set at all.
"""

import re
import unicodedata
from functools import cache
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import getFont, registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).resolve().parents[3] / "static" / "fonts"
REGULAR, BOLD = "NotoSansKR-Regular", "NotoSansKR-Bold"
FALLBACKS = ("NotoSans-Names", "DroidSansFallback-Names")
MISSING = "\u25a1"
INK, QUIET, ACCENT = HexColor("#172023"), HexColor("#55646b"), HexColor("#0b6e7a")
RULE, TINT = HexColor("#c9d3d6"), HexColor("#f1f5f6")

BODY = ParagraphStyle("body", fontName=REGULAR, fontSize=9, leading=13.5, textColor=INK)
SMALL = ParagraphStyle("small", BODY, fontSize=7.5, leading=10.5, textColor=QUIET)
CAPTION = ParagraphStyle("caption", SMALL, alignment=TA_CENTER)
RIGHT = ParagraphStyle("right", SMALL, alignment=TA_RIGHT)
HEADING = ParagraphStyle(
    "heading", BODY, fontName=BOLD, fontSize=9, textColor=ACCENT, spaceBefore=7, keepWithNext=True
)
TITLE = ParagraphStyle("title", BODY, fontName=BOLD, fontSize=10, leading=14)
VERDICT = ParagraphStyle("verdict", BODY, fontName=BOLD, fontSize=24, leading=32)
LEAD = ParagraphStyle("lead", BODY, fontSize=11, leading=16)


@cache
def load_fonts() -> None:
    """Make all typefaces known to reportlab, once."""
    for name in (REGULAR, BOLD, *FALLBACKS):
        registerFont(TTFont(name, FONTS / f"{name}.ttf"))
    registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    for name in FALLBACKS:  # which have one weight
        registerFontFamily(name, normal=name, bold=name, italic=name, boldItalic=name)


def can_set(words: str) -> bool:
    """Whether some typeface has every sign of the words."""
    return all(_typeface(sign) for sign in unicodedata.normalize("NFC", words))


def _typeface(sign: str) -> str | None:
    """The first typeface that has a sign; None where none does."""
    load_fonts()
    known = (name for name in (REGULAR, *FALLBACKS) if ord(sign) in getFont(name).face.charToGlyph)
    return next(known, None)


def literal(words: str) -> str:
    """Anyone's words as reportlab reads them: escaped, composed, and line breaks kept.

    A sign that the typeface lacks becomes an empty box, so that it is seen to be missing.
    """
    composed = unicodedata.normalize("NFC", words).replace("\t", " ")
    clean = "".join(sign for sign in composed if sign.isprintable() or sign == "\n")
    runs = groupby(clean, lambda sign: REGULAR if sign == "\n" else _typeface(sign))
    return "".join(_run(typeface, "".join(signs)) for typeface, signs in runs)


def _run(typeface: str | None, words: str) -> str:
    """Words in one typeface, as reportlab reads them."""
    if typeface is None:
        return MISSING * len(words)
    shown = escape(words).replace("\n", "<br/>")
    return shown if typeface == REGULAR else f'<font name="{typeface}">{shown}</font>'


def markup(words: str) -> str:
    """The catalogue's words as reportlab reads them, with what stands ``**so**`` in bold."""
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", literal(words))
