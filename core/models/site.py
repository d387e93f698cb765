"""A site's profile: temperature, operating point and review band fitted on a hospital's own films.

``python -m core commission`` writes it as a JSON file. ``READING_ROOM_SITE`` names the file that
app, command line and HTTP interface are started with. A profile that cannot be trusted is an error,
never a reason to go on with the shipped settings. Its sha256 tells damage; it is no signature.
"""

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

from core.data.labels import CLASSES
from core.messages.errors import SiteDamaged, SiteMismatch, SiteMissing
from core.models.weights import ModelCard

SITE_VARIABLE = "READING_ROOM_SITE"
FORMAT = 1
LARGEST_TEMPERATURE = 100.0
TRUSTED_WIDTH = 0.1
"""A 95 % interval of sensitivity or specificity that is no wider can be relied on."""

COUNTS = ("listed", "films", "patients", "unread", "stopped")
FIGURES = ("shipped", "site", "groups", "calibration", "curve", "needed", "drift")

_NAME = re.compile(r"\w[\w .,'()&/-]{0,63}")


@dataclass(frozen=True, slots=True)
class SiteProfile:
    """What a site fitted and measured; no name of a file or patient.

    Args:
        site: The site's name: letters, digits, spaces and ``.,'()&/-``, at most 64.
        date: When it was fitted, as YYYY-MM-DD.
        model: The model that it is for.
        version: Version of its weights.
        weights_sha256: Of its weights.
        temperature: Logits are divided by it.
        threshold: Operating point.
        review_low: A probability from here ...
        review_high: ... to under here is for review.
        review_alpha: The share of each class that the band may leave on the wrong side.
        counts: ``COUNTS``: rows of the table; films that were fitted on, a number a class; their
            patients; and how many films were not read, or got no plain verdict, by reason.
        figures: ``FIGURES``, as ``core.evaluation.commissioning`` computes them.
        format: Of the file.

    Raises:
        ValueError: A value is out of its range.
        TypeError: A value is of another type.
    """

    site: str
    date: str
    model: str
    version: str
    weights_sha256: str
    temperature: float
    threshold: float
    review_low: float
    review_high: float
    review_alpha: float
    counts: Mapping[str, Any]
    figures: Mapping[str, Any]
    format: int = FORMAT

    def __post_init__(self) -> None:
        check_site_name(self.site)
        if self.format != FORMAT:
            raise ValueError(f"format must be {FORMAT}, not {self.format}")
        if not (math.isfinite(self.temperature) and 0 < self.temperature < LARGEST_TEMPERATURE):
            raise ValueError(f"temperature must lie in (0, {LARGEST_TEMPERATURE})")
        if not 0 <= self.review_low <= self.threshold <= self.review_high <= 1:
            raise ValueError("the review band must hold the threshold")
        if not 0 < self.threshold < 1:
            raise ValueError(f"threshold must lie between 0 and 1, not {self.threshold}")
        if set(self.counts) != set(COUNTS) or set(self.figures) != set(FIGURES):
            raise ValueError("counts or figures are missing")
        if any(int(self.counts["films"][label]) < 1 for label in CLASSES):
            raise ValueError("a class has no film")

    @property
    def films(self) -> int:
        """Films that it was fitted on."""
        return sum(int(self.counts["films"][label]) for label in CLASSES)

    @property
    def sha256(self) -> str:
        """Of the content in canonical form."""
        return _sha256_of(asdict(self))

    @property
    def content(self) -> dict[str, Any]:
        """What its file holds."""
        return {**asdict(self), "sha256": self.sha256}

    def is_of(self, card: ModelCard) -> bool:
        """Whether it is for this model.

        Raises:
            SiteMismatch: It is for other weights of this model.
        """
        if self.model != card.name:
            return False
        if self.weights_sha256 != card.sha256:
            raise SiteMismatch(site=self.site, model=self.model, version=self.version)
        return True

    def set_on(self, card: ModelCard) -> ModelCard:
        """The card with the site's settings in the place of its own; other models keep theirs.

        Raises:
            SiteMismatch: As ``is_of``.
        """
        if not self.is_of(card):
            return card
        return replace(
            card,
            temperature=self.temperature,
            threshold=self.threshold,
            review_low=self.review_low,
            review_high=self.review_high,
            review_alpha=self.review_alpha,
        )


def check_site_name(site: str) -> str:
    """A site's name as it may stand on pages and in reports.

    Raises:
        ValueError: It is empty, too long, or has other signs.
    """
    if not _NAME.fullmatch(site):
        raise ValueError("a site's name has 1 to 64 letters, digits, spaces and .,'()&/-")
    return site


def _sha256_of(content: Mapping[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def parse_profile(data: bytes, name: str) -> SiteProfile:
    """A profile from a file's bytes.

    Args:
        data: The bytes.
        name: The file's name, to tell of.

    Raises:
        SiteDamaged: It is not what ``commission`` writes, or was changed since.
    """
    try:
        content = json.loads(data.decode("utf-8"), parse_constant=_refuse)
        sha256 = content.pop("sha256")
        if "format" not in content or sha256 != _sha256_of(content):
            raise ValueError("the hash differs")
        return SiteProfile(**content)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise SiteDamaged(file=name) from error


@lru_cache(maxsize=4)
def load_profile(file: Path) -> SiteProfile:
    """A profile from its file, kept as long as the program runs.

    Raises:
        SiteMissing: There is no such file, or it may not be opened.
        SiteDamaged: As ``parse_profile``.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise SiteMissing(file=file) from error
    return parse_profile(data, file.name)


def profile_in_use() -> SiteProfile | None:
    """The profile that ``READING_ROOM_SITE`` names; None where it names none.

    Raises:
        SiteMissing: There is no such file.
        SiteDamaged: As ``parse_profile``.
    """
    named = os.environ.get(SITE_VARIABLE)
    return load_profile(Path(named)) if named else None
