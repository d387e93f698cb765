"""What this session holds: the list of films, which one is open, and what was found in it.

Everything found is bound to a file and to the weights that read it, so that a verdict of another
film or model is never on the screen. The list follows the uploader: what is dropped is added, what
is removed there is gone. Where the reader goes to another page, the uploader forgets its files and
the list does not.
"""

from dataclasses import dataclass, field
from random import Random

import streamlit as st

from core.data.samples import Sample, sources
from core.imaging import Film, Turn
from core.inference.gate import turned_by_hand
from core.inference.model import Diagnostician, shared_diagnostician
from core.inference.reading import Reading
from core.inference.turns import Told, nobody
from core.inference.worklist import Choice, Row, Sorting, Worklist, arranged
from core.inference.worklist.worklist import Change
from core.ui.diagnosis.in_turn import read_in_turn
from core.ui.frame.in_memory import forget_uploads
from core.ui.frame.settings import chosen_model
from core.ui.frame.turn import turn
from core.ui.frame.words import t

SORTING, STANDINGS, WORDS, UNSEEN = "list_sorting", "list_standings", "list_words", "list_unseen"
SECOND_LOOK = "second_look"
_LIST, _SAMPLE, _UPLOADED, _CLEARED = "list", "sample", "uploaded", "cleared"
_OPENED, _ORDER, _FILM, _OPENINGS = "opened", "order", "film", "openings"
READ_FIRST, FIRST_READINGS = "read_first", "first_readings"
FOUND_STUDIES, SENT, UNSENT = "found_studies", "sent", "unsent"
LEFT_BEHIND = (_LIST, _SAMPLE, _OPENED, _ORDER, READ_FIRST, FIRST_READINGS, SENT)
"""What a reload would lose, by its names in the session."""


@dataclass(slots=True)
class TriedSample:
    """A film to try, in a list of its own, so that it never mixes with the reader's films."""

    sample: Sample
    listed: Worklist = field(default_factory=Worklist)
    number: int = 1
    label_shown: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where the open film stands in the list, as it was when the film was opened.

    Args:
        position: From 1.
        films: How many.
        before: Number of the film before it; None at the start.
        after: Number of the film after it; None at the end.
    """

    position: int
    films: int
    before: int | None
    after: int | None


def model() -> Diagnostician:
    """The chosen model.

    Raises:
        WeightsError: Its weights cannot be trusted.
    """
    return shared_diagnostician(chosen_model())


def worklist() -> Worklist:
    """The reader's films."""
    listed: Worklist = st.session_state.setdefault(_LIST, Worklist())
    return listed


def tried_sample() -> TriedSample | None:
    """The sample on the screen, if any."""
    tried: TriedSample | None = st.session_state.get(_SAMPLE)
    return tried


def uploader_key() -> str:
    """The uploader's key; another one after the list was cleared, and with it an empty uploader."""
    return f"upload{st.session_state.get(_CLEARED, '')}"


def follow_uploader() -> None:
    """Add what was dropped and remove what was taken away; the first new film is opened at once."""
    files = {file.file_id: file for file in st.session_state[uploader_key()]}
    listed = worklist()
    for gone in st.session_state.get(_UPLOADED, set()) - files.keys():
        listed.remove(gone)
        st.session_state.pop(_FILM, None)
    new = [
        number
        for upload, file in files.items()
        if upload not in listed.uploads
        for number in listed.add(upload, file.name, file)
    ]
    st.session_state[_UPLOADED] = set(files)
    if new:
        _forget_film()
        open_film(new[0])


def note_uploader(is_empty: bool) -> None:
    """Notice that the uploader has forgotten its files, so that they are not taken for removed."""
    if is_empty:
        st.session_state.pop(_UPLOADED, None)


def clear_list() -> None:
    """Forget all films and all that was found in them."""
    forget_uploads(worklist().uploads)  # Streamlit does not where an uploader is replaced
    own = (_LIST, _SAMPLE, _UPLOADED, _OPENED, _ORDER, _FILM)
    for name in (*own, SECOND_LOOK, WORDS, FOUND_STUDIES, UNSENT):
        st.session_state.pop(name, None)
    st.session_state[_CLEARED] = st.session_state.get(_CLEARED, 0) + 1


def try_sample(source: str) -> None:
    """Put a film of a source on the screen, drawn at random."""
    sample = sources()[source](Random())  # noqa: S311 - nothing has to be unguessable
    if sample is not None:
        show_sample(sample)


def show_sample(sample: Sample) -> None:
    """Put a sample on the screen."""
    close_film()
    tried = TriedSample(sample)
    tried.listed.add_entry(t(f"samples.source.{sample.source}"), sample.read)
    st.session_state[_SAMPLE] = tried


def open_film(number: int) -> None:
    """Open a film of the list."""
    st.session_state.pop(_FILM, None)
    st.session_state[_OPENED] = number
    st.session_state[_OPENINGS] = openings() + 1


def openings() -> int:
    """How often a film was opened, so that what belongs to the last one can go from the screen."""
    times: int = st.session_state.get(_OPENINGS, 0)
    return times


def open_from_list(number: int) -> None:
    """Open a film, and keep the order in which the list is shown for going on from it."""
    open_film(number)
    st.session_state[_ORDER] = [row.entry.number for row in shown_rows()]


def close_film() -> None:
    """Go back to the list, or from a sample to where the reader came from."""
    _forget_film()
    st.session_state[_OPENINGS] = openings() + 1


def _forget_film() -> None:
    for name in (_SAMPLE, _OPENED, _ORDER, _FILM):
        st.session_state.pop(name, None)


def opened() -> int | None:
    """Number of the film on the screen; the only film of a list is always open."""
    if tried := tried_sample():
        return tried.number
    listed = worklist()
    number: int | None = st.session_state.get(_OPENED)
    if number in listed:
        return number
    return listed.numbers()[0] if len(listed) == 1 else None


def shown_rows() -> list[Row]:
    """The list as it is sorted and filtered.

    Raises:
        WeightsError: The model's weights cannot be trusted.
    """
    state = st.session_state
    choice = Choice(
        frozenset(state.get(STANDINGS, ())), state.get(WORDS, ""), bool(state.get(UNSEEN))
    )
    sorting = state.get(SORTING, Sorting.URGENCY)
    return arranged(worklist().rows(model().card.sha256), sorting, choice)


def place() -> Place | None:
    """Where the open film stands; None where there is no list around it.

    Raises:
        WeightsError: The model's weights cannot be trusted.
    """
    number, listed = opened(), worklist()
    if number is None or tried_sample() or len(listed) < 2:
        return None
    order = [other for other in st.session_state.get(_ORDER, ()) if other in listed]
    if number not in order:
        order = [row.entry.number for row in shown_rows()]
    if number not in order:
        order = listed.numbers()
    at = order.index(number)
    before = order[at - 1] if at else None
    after = order[at + 1] if at + 1 < len(order) else None
    return Place(at + 1, len(order), before, after)


def opened_list() -> Worklist:
    """The list that the open film is in."""
    tried = tried_sample()
    return tried.listed if tried else worklist()


def opened_row(told: Told = nobody) -> Row | None:
    """The line of the open film, read in its turn if the chosen model has not read it yet.

    Args:
        told: Is told how many films come before.

    Raises:
        WeightsError: The weights of model or gate cannot be trusted.
    """
    number = opened()
    if number is None:
        return None
    listed, reader = opened_list(), model()
    row = listed.row(number, reader.card.sha256)
    if row.finding is None:
        held = read_in_turn(listed, number, reader, told, is_counted=tried_sample() is None)
        st.session_state[_FILM] = (number, held)
        row = listed.row(number, reader.card.sha256)
    return row


def film() -> Film | None:
    """The open film, decoded again where the session has let it go; None where it is refused."""
    row = opened_row()
    if row is None or row.diagnosis is None:
        return None
    number, held = st.session_state.get(_FILM, (None, None))
    if number != row.entry.number:
        with turn():
            held = opened_list().film(row.entry.number)
        st.session_state[_FILM] = (row.entry.number, held)
    return held if isinstance(held, Film) else None


def reading() -> Reading | None:
    """The open film with its diagnosis and the reader's opinion, as reports take it.

    Raises:
        WeightsError: The weights of model or gate cannot be trusted.
    """
    row, held = opened_row(), film()
    if row is None or held is None or row.diagnosis is None:
        return None
    return Reading(row.entry.name, held, row.diagnosis, row.opinion)


def change_film(change: Change) -> None:
    """Change the open film for the rest of the session, such as turn it; it is read again.

    Args:
        change: Gives the changed film, with the same sha256.
    """
    number = opened()
    if number is not None:
        opened_list().change(number, change)
        st.session_state.pop(_FILM, None)


def turn_film(turn: Turn) -> None:
    """Turn the open film for the rest of the session; it is read again as it then stands."""
    change_film(lambda film: turned_by_hand(film, turn))


def opened_bytes() -> bytes | None:
    """The open film's file as it was dropped, for what is made from it; None where none is open."""
    number = opened()
    return None if number is None else opened_list().data(number)


def see_film() -> None:
    """Keep in mind that the reader has seen the open film."""
    number = opened()
    if number is not None:
        opened_list().see(number)
