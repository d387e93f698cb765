"""The report's typeface and its styles: Noto Sans KR, which the file carries."""

import re
import unicodedata
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import getFont, registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).resolve().parents[3] / "static" / "fonts"
REGULAR, BOLD = "NotoSansKR-Regular", "NotoSansKR-Bold"
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
    """Make both weights known to reportlab, once."""
    for name in (REGULAR, BOLD):
        registerFont(TTFont(name, FONTS / f"{name}.ttf"))
    registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


def can_set(words: str) -> bool:
    """Whether the typeface has every sign of the words."""
    load_fonts()
    return all(ord(sign) in getFont(REGULAR).face.charToGlyph for sign in words)


def literal(words: str) -> str:
    """Anyone's words as reportlab reads them: escaped, composed, and line breaks kept.

    A sign that the typeface lacks becomes an empty box, so that it is seen to be missing.
    """
    composed = unicodedata.normalize("NFC", words).replace("\t", " ")
    clean = "".join(sign for sign in composed if sign.isprintable() or sign == "\n")
    shown = "".join(sign if sign == "\n" or can_set(sign) else MISSING for sign in clean)
    return escape(shown).replace("\n", "<br/>")


def markup(words: str) -> str:
    """The catalogue's words as reportlab reads them, with what stands ``**so**`` in bold."""
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", literal(words))
