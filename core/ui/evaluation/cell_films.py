"""The films of a cell of the confusion matrix, with their heatmaps where the films are."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.data.folder import set_folder
from core.imaging import read_film_file
from core.inference.model import shared_diagnostician
from core.inference.overlay import OPACITY, Pixels, film_picture, fitted, overlay_picture
from core.messages.errors import FilmError, ReadingRoomError
from core.metrics.operating_points import films_in
from core.reporting.captions.verdict import probability_words
from core.reporting.numbers import percent
from core.results.evaluations import Evaluation
from core.ui.frame.charts import show_note
from core.ui.frame.words import language, show_error, t

FILMS_A_PAGE = 4
LONGEST_SIDE_PX = 640
_PICTURES_KEPT = 64


def show_cell(evaluation: Evaluation, threshold: float, cell: str) -> None:
    """List a cell's films, the worst first, and show them a page at a time.

    Args:
        evaluation: Of a model on a set.
        threshold: Where the films are called.
        cell: One of ``core.metrics.classification.COUNTS``.
    """
    films = films_in(evaluation.predictions, threshold, cell)
    if films.empty:
        st.info(t("threshold.cell.empty"), icon=":material/check_circle:")
        return
    title = t("threshold.cell.title", cell=t(f"threshold.cell.{cell}"), n=len(films))
    st.markdown(f"**{title}**")
    _list_films(films, title)
    root = set_folder(evaluation.dataset)
    if root is None:
        show_note(t("threshold.cell.names_only"), "hide_image")
        return
    pages = -(-len(films) // FILMS_A_PAGE)
    page = st.pagination(pages, key=f"page_{cell}_{threshold}") if pages > 1 else 1
    first = (page - 1) * FILMS_A_PAGE
    with st.spinner(t("threshold.cell.reading")):
        _show_films(evaluation.model, root, films.iloc[first : first + FILMS_A_PAGE])
    st.caption(t("threshold.cell.heatmaps"))


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
    st.dataframe(named, height=min(38 + 35 * len(named), 215), alt=title)


def _show_films(model: str, root: Path, films: pd.DataFrame) -> None:
    """Each film beside its heatmap, two of them in a row."""
    rows = list(films.itertuples())
    for pair in (rows[start : start + 2] for start in range(0, len(rows), 2)):
        for column, film in zip(st.columns(2, gap="medium"), pair, strict=False):
            with column:
                _show_film(model, root, film.image, probability_words(film.probability, language()))


def _show_film(model: str, root: Path, image: str, probability: str) -> None:
    name = Path(image).name
    try:
        pictures = _pictures(model, shared_diagnostician(model).card.sha256, str(root), image)
    except (FilmError, OSError):
        show_note(t("errors.film_missing", file=name), "broken_image")
        return
    except ReadingRoomError as error:
        show_error(error)
        return
    captions = (
        t("threshold.cell.film", name=name, probability=probability),
        t("threshold.cell.overlay"),
    )
    alts = (
        t("threshold.cell.film_alt", name=name, probability=probability),
        t("threshold.cell.overlay_alt", name=name),
    )
    for column, picture, caption, alt in zip(
        st.columns(2, gap="small", wrap=False), pictures, captions, alts, strict=True
    ):
        column.image(picture, caption, width="stretch", output_format="PNG", alt=alt)


@st.cache_data(scope="session", max_entries=_PICTURES_KEPT, show_spinner=False)
def _pictures(model: str, weights_sha256: str, root: str, image: str) -> tuple[Pixels, Pixels]:
    """A film and its heatmap over it, kept for this session as long as the weights are the same.

    Raises:
        FilmError: The film cannot be read.
        OSError: It is not there, or does not lie in its set's folder.
        WeightsError: The model's weights cannot be trusted.
    """
    file = (Path(root) / image).resolve()
    if not file.is_relative_to(Path(root).resolve()):
        raise FileNotFoundError(image)
    film = read_film_file(file)
    heatmap = shared_diagnostician(model).diagnose(film).heatmap
    shown = fitted(film.pixels, LONGEST_SIDE_PX)
    return film_picture(shown), overlay_picture(shown, heatmap, OPACITY)
