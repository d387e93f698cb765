"""The film: validated grayscale pixels with what is known of them, and what to tell the reader."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.imaging.in_flight import IN_FLIGHT
from core.messages.catalogue import text
from core.messages.errors import DecodedTooLarge, ImageTooLarge, ImageTooSmall

UPLOAD_LIMIT_MB = 64
"""Largest file that is read, in MiB (as Streamlit counts its upload limit)."""

MIN_SIDE_PX = 64
"""Shortest side that is read."""

FILM_SIZE_PX = 224
"""Side of the square that every network's input is made from; a shorter film is enlarged."""

MAX_MEGAPIXELS = 100
"""Largest image that is decoded; the largest detectors make about 20 megapixels."""

MAX_DECODED_MB = 400
"""Most memory that one image may take while it is decoded, as ``check_size`` counts it."""

PIXEL_BYTES = 4
"""A pixel of a film: float32."""

SYNTHETIC_DESCRIPTION = (
    "Synthetic chest film, drawn by a generative model. It shows no patient. Not for diagnosis."
)
"""What the metadata of a synthetic film say: Description of PNG, ImageComments of DICOM."""


@dataclass(frozen=True, slots=True)
class Orientation:
    """How a film was turned by hand after it was read: mirrored first, then turned.

    Args:
        quarter_turns: Clockwise, 0 to 3.
        mirrored: Whether left and right changed places.

    Examples:
        >>> Orientation(quarter_turns=3, mirrored=True).names
        ('mirrored', 'turned_3')
    """

    quarter_turns: int = 0
    mirrored: bool = False

    def __post_init__(self) -> None:
        if self.quarter_turns not in range(4):
            raise ValueError(f"quarter_turns must be 0 to 3, not {self.quarter_turns}")

    @property
    def names(self) -> tuple[str, ...]:
        """What was done, as the catalogue names it; nothing of a film as it was read."""
        turned = (f"turned_{self.quarter_turns}",) if self.quarter_turns else ()
        return (*(("mirrored",) if self.mirrored else ()), *turned)


AS_READ = Orientation()
"""Not turned by hand."""


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What is known of a film, and never a name, an identifier or a date.

    Attributes:
        format: ``JPEG``, ``PNG``, ``TIFF``, ``BMP``, ``WEBP`` or ``DICOM``.
        width_px: Columns of the upright film.
        height_px: Rows of the upright film.
        bits: Stored bits of one sample.
        modality: DICOM Modality, such as ``DX``; None where unknown.
        view: DICOM ViewPosition, such as ``PA``, or what the view code means; None where unknown.
        body_part: DICOM BodyPartExamined, such as ``CHEST``; None where unknown.
        age_years: DICOM PatientAge in years; None where unknown.
        synthetic: The file says that a generative model drew it.
        orientation: How the film was turned by hand after it was read.
    """

    format: str
    width_px: int
    height_px: int
    bits: int
    modality: str | None = None
    view: str | None = None
    body_part: str | None = None
    age_years: float | None = None
    synthetic: bool = False
    orientation: Orientation = AS_READ


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell the reader that does not stop the reading.

    Attributes:
        key: The catalogue key of its text, such as ``film.notice.tint``.
        details: The values that the text names.

    Examples:
        >>> Notice("film.notice.lateral").key
        'film.notice.lateral'
    """

    key: str
    details: Mapping[str, object] = field(default_factory=dict, hash=False)

    def message(self, language: str) -> str:
        """The notice in one language."""
        return text(language, self.key, **self.details)


@dataclass(frozen=True, slots=True)
class Film:
    """A film that has been read. Two films are equal when file, facts and notices are.

    Attributes:
        pixels: Shape (height, width), float32 in [0, 1], 0 is black; native resolution. The
            film takes the array over and makes it read-only.
        sha256: Hexadecimal SHA-256 of the file's bytes.
        facts: What is known of the film.
        notices: What the reader should be told.

    Raises:
        TypeError: The pixels are no float32 array.
        ValueError: The pixels' shape or range, or the hash, is not as above.

    Examples:
        >>> facts = FilmFacts("PNG", width_px=3, height_px=2, bits=8)
        >>> Film(np.zeros((2, 3), np.float32), "0" * 64, facts).pixels.shape
        (2, 3)
    """

    pixels: NDArray[np.float32] = field(compare=False, repr=False)
    sha256: str
    facts: FilmFacts
    notices: tuple[Notice, ...] = ()

    def __post_init__(self) -> None:
        pixels = self.pixels
        if not isinstance(pixels, np.ndarray) or pixels.dtype != np.float32:
            actual = getattr(pixels, "dtype", type(pixels).__name__)
            raise TypeError(f"pixels must be a float32 array, but got {actual}")
        shape = (self.facts.height_px, self.facts.width_px)
        if pixels.shape != shape or pixels.size == 0:
            raise ValueError(f"pixels must have the shape {shape}, but got {pixels.shape}")
        low, high = float(pixels.min()), float(pixels.max())
        if not 0.0 <= low <= high <= 1.0:
            raise ValueError(f"pixels must lie in [0, 1], but got [{low}, {high}]")
        if not re.fullmatch(r"[0-9a-f]{64}", self.sha256):
            raise ValueError(f"sha256 must be 64 hexadecimal digits, but got {self.sha256!r}")
        pixels.setflags(write=False)


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a file holds, before it is known to be a film.

    Attributes:
        pixels: Shape (height, width), float32 in [0, 1], 0 is black, upright.
        facts: What is known of it.
        notices: What the reader should be told of the reading.
    """

    pixels: NDArray[np.float32]
    facts: FilmFacts
    notices: tuple[Notice, ...] = ()


def check_size(width_px: int, height_px: int, decoder_bytes: float = 1) -> None:
    """Refuse an image by its header, before anything is decoded, or wait for room for it.

    Args:
        width_px: Columns.
        height_px: Rows.
        decoder_bytes: What a decoder holds of each pixel, beside the film itself.

    Raises:
        ImageTooLarge: Over ``MAX_MEGAPIXELS``.
        DecodedTooLarge: Over ``MAX_DECODED_MB`` while it is decoded.
        ImageTooSmall: A side under ``MIN_SIDE_PX``.
    """
    if width_px * height_px > MAX_MEGAPIXELS * 1_000_000:
        raise ImageTooLarge(width=width_px, height=height_px, limit_megapixels=MAX_MEGAPIXELS)
    size_mb = width_px * height_px * (decoder_bytes + PIXEL_BYTES) / 1e6
    if size_mb > MAX_DECODED_MB:
        raise DecodedTooLarge(
            width=width_px, height=height_px, size_mb=size_mb, limit_mb=MAX_DECODED_MB
        )
    if min(width_px, height_px) < MIN_SIDE_PX:
        raise ImageTooSmall(width=width_px, height=height_px, minimum=MIN_SIDE_PX)
    IN_FLIGHT.take(size_mb * 1e6)
