"""What a film shows and of whom, as far as its header says: what to tell of that.

View Position and Body Part Examined have their codes, but in practice people write what they like.
So words are looked for, and only what clearly names something else than a frontal chest warns.
"""

import re
from collections.abc import Iterator

from core.imaging.film import FILM_SIZE_PX, FilmFacts, Notice

MIN_AGE_YEARS, END_AGE_YEARS = 1.0, 6.0
"""Ages of the training films: one to five years, the sixth birthday excluded."""

_LATERAL = re.compile(r"(L|R|LT|RT)?[\s-]?LAT(ERAL)?|LL|RL|LATERO.*|PROFIL\w*|측면|.*\wLAT")
_OTHER = re.compile(r"[LR]LD|[LR]LO|[LR][AP]O|OBL\w*|DECUB\w*|DEC|사위|측와위")
_OTHER_BEGINNINGS = ("OBLIQ", "DECUB")
_CHEST = re.compile(
    r"(CHEST|CHST|THORA|TORAX|TÓRAX|LUNG|RIB|HEART|CARDIA|PULM|POUMON|POITRINE|BRUST|CXR|XCHEST"
    r"|CLAVIC|STERNUM)\w*|TH|\w*(흉부|가슴|폐|늑골|胸)\w*"
)
_SPINE = re.compile(r"(T|TH|THORACIC)?-?SPINE\w*|VERTEBRA\w*|BWS|흉추|T-?L")
_NEUTRAL = re.compile(
    r"|AP|PA|PORT(ABLE)?|MOBILE|BED(SIDE)?|ERECT|UPRIGHT|SUPINE|SITTING|STANDING|ROUTINE|VIEWS?"
    r"|UNKNOWN|UNSPECIFIED|OTHER|NONE|NA|N|A|MISC\w*|GENERAL|BODY|WHOLE|TRUNK|TORSO|XRAY|X|RAY"
    r"|CR|DX|DR|INFANT|CHILD|PED\w*|BABY|ADULT|AND|WITH|BILAT(ERAL)?|BOTH|LEFT|RIGHT|L|R|\d+"
)


def subject_notices(facts: FilmFacts) -> Iterator[Notice]:
    """What to tell of a film's subject, by its facts."""
    if facts.synthetic:
        yield Notice("film.notice.synthetic")
    if min(facts.width_px, facts.height_px) < FILM_SIZE_PX:
        size = {"width": facts.width_px, "height": facts.height_px, "minimum": FILM_SIZE_PX}
        yield Notice("film.notice.small", size)
    if notice := _view_notice(facts.view or ""):
        yield notice
    if facts.body_part and not may_show_chest(facts.body_part):
        yield Notice("film.notice.body_part", {"part": facts.body_part})
    age = facts.age_years
    if age is not None and not MIN_AGE_YEARS <= age < END_AGE_YEARS:
        yield Notice("film.notice.age", {"age_years": round(age, 1)})


def may_show_chest(body_part: str) -> bool:
    """Whether Body Part Examined names the chest, or nothing in particular.

    Args:
        body_part: In capitals.

    Examples:
        >>> may_show_chest("PORT CHEST"), may_show_chest("흉부"), may_show_chest("HAND")
        (True, True, False)
    """
    words = _words(body_part)
    if any(_SPINE.fullmatch(word) for word in words):
        return False
    if any(_CHEST.fullmatch(word) for word in words):
        return True
    return all(_NEUTRAL.fullmatch(word) for word in words)


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s_,./\\-]+", text.upper()) if word]


def _view_notice(view: str) -> Notice | None:
    """What to tell of a view that is not frontal, of an upright patient."""
    words = _words(view)
    if any(_OTHER.fullmatch(word) or word.startswith(_OTHER_BEGINNINGS) for word in words):
        return Notice("film.notice.view", {"view": view})
    if any(_LATERAL.fullmatch(word) for word in words):
        return Notice("film.notice.lateral")
    return None
