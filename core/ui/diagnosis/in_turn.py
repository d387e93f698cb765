"""A film of a list read in this session's turn, and counted where counts are asked for."""

import time

from core.imaging import Film
from core.inference.counted import count_diagnosis, count_refusal
from core.inference.model import Diagnostician
from core.inference.turns import Told, nobody
from core.inference.worklist import Worklist
from core.ui.frame.turn import turn


def read_in_turn(
    listed: Worklist,
    number: int,
    model: Diagnostician,
    told: Told = nobody,
    is_counted: bool = True,
) -> Film | None:
    """Read one film of a list.

    Args:
        listed: The list, which keeps what is found.
        number: Of the film.
        model: Reads it.
        told: Is told how many films come before.
        is_counted: Whether it is a film of the reader's own.

    Returns:
        The decoded film; None where it is refused.

    Raises:
        WeightsError: The gate's weights cannot be trusted.
    """
    start = time.monotonic()
    with turn(told):
        film = listed.read(number, model)
    finding = listed.row(number, model.card.sha256).finding
    if finding is None or not is_counted:
        return film
    if finding.refusal is not None:
        count_refusal(finding.refusal)
    elif finding.diagnosis is not None:
        count_diagnosis(finding.diagnosis, finding.notices, time.monotonic() - start)
    return film
