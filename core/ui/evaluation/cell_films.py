"""The films of a cell of the confusion matrix: pictures with their heat, or a table of names."""

import io
from base64 import b64encode
from html import escape
from pathlib import Path

import pandas as pd
import streamlit as st
from PIL import Image

from core.data.folder import set_folder
from core.imaging import Film, read_film_file
from core.inference.model import shared_diagnostician
from core.inference.overlay import OPACITY, Pixels, film_picture, fitted, overlay_picture
from core.messages.errors import FilmError, ReadingRoomError
from core.metrics.operating_points import films_in
from core.reporting.captions.verdict import probability_words
from core.reporting.numbers import percent
from core.results.evaluations import Evaluation
from core.ui.frame.charts import show_note
from core.ui.frame.turn import turn
from core.ui.frame.words import language, show_error, t

HEAT = "cell_heat"
FILMS_A_PAGE = 8
LONGEST_SIDE_PX = 360
_PICTURES_KEPT = 64
_TABLE_PX = 340
_STYLE = """<style>
.cell-films { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr));
  gap: 0.5rem; }
.cell-films figure { position: relative; margin: 0; }
.cell-films img { display: block; width: 100%; aspect-ratio: 5 / 4; object-fit: contain;
  background: #000; border-radius: 0.375rem; }
.cell-films img + img { position: absolute; inset: 0 0 auto; }
.cell-films :is(figure:hover, figure:focus) img + img { opacity: 0; }
.cell-films figure:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
.cell-films figcaption { font-size: 0.8125rem; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }
</style>"""


def show_cell(evaluation: Evaluation, threshold: float, cell: str) -> None:
    """Show a cell's films, the worst first, a page at a time; without the films, their names.

    Args:
        evaluation: Of a model on a set.
        threshold: Where the films are called.
        cell: One of ``core.metrics.classification.COUNTS``.
    """
    films = films_in(evaluation.predictions, threshold, cell)
    if films.empty:
        st.info(t("threshold.cell.empty"), icon=":material/check_circle:")
        return
    root = set_folder(evaluation.dataset)
    if root is None:
        _list_films(films, t(f"threshold.cell.{cell}"))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        heat = st.toggle(t("threshold.cell.heat"), key=HEAT, help=t("threshold.cell.heatmaps"))
        pages = -(-len(films) // FILMS_A_PAGE)
        page = st.pagination(pages, key=f"page_{cell}_{threshold}") if pages > 1 else 1
    first = (page - 1) * FILMS_A_PAGE
    model = evaluation.model if heat else None
    with st.spinner(t("threshold.cell.reading")):
        _show_films(model, root, films.iloc[first : first + FILMS_A_PAGE])


def _list_films(films: pd.DataFrame, title: str) -> None:
    named = pd.DataFrame(
        {
            t("threshold.column.film"): films["image"],
            t("threshold.column.probability"): [
                percent(probability, language()) for probability in films["probability"]
            ],
        }
    )
    named.index = pd.RangeIndex(1, len(named) + 1)
    st.dataframe(named, height=min(38 + 35 * len(named), _TABLE_PX), alt=title)


def _show_films(model: str | None, root: Path, films: pd.DataFrame) -> None:
    """Each film, under the heat of a model, which a pointer or the keyboard lifts; or bare."""
    figures = []
    for film in films.itertuples():
        name = Path(film.image).name
        try:
            pictures = [_film(str(root), film.image)]
            if model is not None:
                sha256 = shared_diagnostician(model).card.sha256
                pictures.append(_heat(model, sha256, str(root), film.image))
        except (FilmError, OSError):
            show_note(t("errors.film_missing", file=name), "broken_image")
            continue
        except ReadingRoomError as error:
            show_error(error)
            continue
        figures.append(_figure(name, probability_words(film.probability, language()), pictures))
    st.html(f'<div>{_STYLE}<div class="cell-films">{"".join(figures)}</div></div>')


def _figure(name: str, probability: str, pictures: list[str]) -> str:
    alts = (
        t("threshold.cell.film_alt", name=name, probability=probability),
        t("threshold.cell.overlay_alt", name=name),
    )
    images = "".join(
        f'<img src="{address}" alt="{escape(alt)}">'
        for address, alt in zip(pictures, alts, strict=False)
    )
    caption = escape(f"{probability} · {name}")
    return f'<figure tabindex="0">{images}<figcaption>{caption}</figcaption></figure>'


@st.cache_data(scope="session", max_entries=_PICTURES_KEPT, show_spinner=False)
def _film(root: str, image: str) -> str:
    """A film as an address that is the picture itself, kept for this session.

    Raises:
        FilmError: The film cannot be read.
        OSError: It is not there, or does not lie in its set's folder.
    """
    return _address(film_picture(fitted(_read(root, image).pixels, LONGEST_SIDE_PX)))


@st.cache_data(scope="session", max_entries=_PICTURES_KEPT, show_spinner=False)
def _heat(model: str, weights_sha256: str, root: str, image: str) -> str:
    """A film under its heat, kept for this session as long as the weights are the same.

    Raises:
        FilmError: The film cannot be read.
        OSError: It is not there, or does not lie in its set's folder.
        WeightsError: The model's weights cannot be trusted.
    """
    with turn():
        film = _read(root, image)
        heatmap = shared_diagnostician(model).diagnose(film).heatmap
    return _address(overlay_picture(fitted(film.pixels, LONGEST_SIDE_PX), heatmap, OPACITY))


def _read(root: str, image: str) -> Film:
    file = (Path(root) / image).resolve()
    if not file.is_relative_to(Path(root).resolve()):
        raise FileNotFoundError(image)
    return read_film_file(file)


def _address(pixels: Pixels) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "WEBP", quality=85)
    return f"data:image/webp;base64,{b64encode(file.getvalue()).decode()}"
