"""The pneumonia reading room: reading, training, inference and explanation of chest films.

Fourteen rooms, from the top floor down; imports point downward only. ``cli`` (``python -m core``),
``ui`` (Streamlit, nowhere else) and ``api`` (HTTP), ``reporting``, ``training``, ``evaluation``,
``inference``, ``results``, ``models``, ``data`` and ``archive`` (DICOMweb), ``imaging`` and
``metrics``, and at the bottom ``messages``.

From Python, two names are enough: ``read_film`` and ``load_model``. What they need is imported when
they are called.
"""

from os import PathLike
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.imaging import Film
    from core.inference.model import Diagnostician

__version__ = "0.5.0"
__all__ = ["__version__", "load_model", "read_film"]


def read_film(source: str | PathLike[str] | bytes) -> "Film":
    """Read a chest film as the app does: checked, and set upright by the gate.

    Args:
        source: Path of a JPEG, PNG, TIFF, BMP, WebP or DICOM file, or its bytes.

    Returns:
        The film: pixels (H, W), float32, 0 black to 1 white, with its facts and notices.

    Raises:
        FilmError: The file is not there, cannot be read, or is no frontal chest film.
        WeightsError: The gate's weights are missing or damaged.
    """
    from pathlib import Path

    from core.imaging import read_film as read
    from core.imaging import read_film_file
    from core.inference.gate import admit
    from core.messages.errors import FilmMissing

    if isinstance(source, bytes):
        return admit(read(source))
    try:
        film = read_film_file(Path(source))
    except OSError:
        raise FilmMissing(file=source) from None
    return admit(film)


def load_model(name: str | None = None) -> "Diagnostician":
    """Load a model that ships; ``load_model().diagnose(film)`` reads a film.

    Args:
        name: The model's name, as in ``weights/``; the default model if None.

    Returns:
        The model. Its diagnoses have ``verdict``, ``probability``, ``threshold``, ``review``,
        ``heatmap``, ``lungs``, ``lungs_found``, ``notices`` and ``overlay()``.

    Raises:
        WeightsError: The model is unknown, its weights are missing or damaged, or the profile that
            ``READING_ROOM_SITE`` names cannot be used.
    """
    from core.inference.model import Diagnostician
    from core.models.site import profile_in_use
    from core.models.weights import DEFAULT_MODEL

    return Diagnostician.load(name or DEFAULT_MODEL, site=profile_in_use())
