"""Does this look like a frontal chest film, is it upright, and are its greys the right way round?

The network's head tells films from other pictures; the distance of its features from the training
films makes sure of that, and by itself only tells the reader that a film is of an unfamiliar kind,
such as an adult's. Everything is decided on the tensor that the classifiers read too
(``core.imaging.preprocess``). A turned or inverted film is set right only where the
network is sure; where it only suspects so, it warns.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np
import torch

from core.imaging import Film, Notice, Turn, turned
from core.imaging.preprocess import to_tensor
from core.inference.loaded import Loaded
from core.messages.errors import NotAChestFilm
from core.models.gate import INPUT_PX, GateNetwork
from core.models.gate_card import GATE_FOLDER, GateCard, load_gate

GATE_VARIABLE = "READING_ROOM_GATE"
_PERHAPS_TURNED = Notice("gate.notice.perhaps_turned")


class FilmKind(StrEnum):
    """What a picture looks like."""

    FILM = "film"
    DOUBTFUL = "doubtful"
    NOT_A_FILM = "not a film"


@dataclass(frozen=True, slots=True)
class GateReport:
    """What the gate found in a picture.

    Attributes:
        kind: Film, doubtful, or plainly no frontal chest film.
        quarter_turns: By how many quarter turns counter-clockwise the film was surely turned away
            from upright, 0 to 3.
        inverted: Whether its greys are surely the wrong way round.
        notices: Why it is doubtful; or, of a film, that it is unlike those of the training.
    """

    kind: FilmKind
    quarter_turns: int
    inverted: bool
    notices: tuple[Notice, ...] = ()


class Gate:
    """The shipped gate. Safe to share between threads: nothing in it changes.

    Args:
        card: Its card.
        network: Its network, in evaluation mode and without gradients.
    """

    def __init__(self, card: GateCard, network: GateNetwork) -> None:
        self.card = card
        self.network = network

    @classmethod
    def load(cls, folder: Path = GATE_FOLDER) -> "Gate":
        """Load and verify the shipped gate.

        Raises:
            WeightsError: Its files are missing, damaged or not the gate's.
        """
        return cls(*load_gate(folder))

    def inspect(self, film: Film) -> GateReport:
        """Look at one film."""
        with torch.inference_mode():
            reading = self.network(to_tensor(film.pixels, INPUT_PX)[None])
        limits = self.card.thresholds
        logit, distance = float(reading.film), reading.distance[0].numpy()
        unlike, far = logit < limits.film_doubted, bool(np.any(distance > limits.distance_doubted))
        if logit < limits.film_refused or (unlike and far):
            return GateReport(FilmKind.NOT_A_FILM, 0, False)
        turns = torch.softmax(reading.turn[0], 0)
        turn, inverted = int(turns.argmax()), float(torch.sigmoid(reading.inverted))
        is_sure = float(turns[turn]) >= limits.turn_confidence
        doubts = tuple(
            Notice(f"gate.notice.{name}")
            for name, holds in (
                ("unlike", unlike or far),
                ("perhaps_turned", turn > 0 and not is_sure),
                ("perhaps_inverted", 0.5 < inverted < limits.inverted_confidence),
            )
            if holds
        )
        unfamiliar = not doubts and bool(
            logit < limits.film_unfamiliar or np.any(distance > limits.distance_unfamiliar)
        )
        return GateReport(
            kind=FilmKind.DOUBTFUL if doubts else FilmKind.FILM,
            quarter_turns=turn if is_sure else 0,
            inverted=inverted >= limits.inverted_confidence,
            notices=(Notice("gate.notice.unfamiliar"),) if unfamiliar else doubts,
        )


_loaded = Loaded(lambda _: Gate.load())


def shared_gate() -> Gate:
    """The shipped gate, loaded once for all sessions, and again when its files change.

    Raises:
        WeightsError: Its files are missing, damaged or not the gate's.
    """
    return _loaded()


def gate_in_use() -> Gate | None:
    """The shipped gate; None where ``READING_ROOM_GATE=off``, for tests' drawn films.

    Raises:
        WeightsError: Its files are missing, damaged or not the gate's.
    """
    return None if os.environ.get(GATE_VARIABLE) == "off" else shared_gate()


def set_right(film: Film, report: GateReport) -> Film:
    """The film upright and with bright bones, and with a notice of each thing that was done.

    Args:
        film: As it was read.
        report: What the gate found in it.

    Returns:
        The film itself where nothing is to be done.
    """
    if not report.quarter_turns and not report.inverted:
        return film
    pixels = np.ascontiguousarray(np.rot90(film.pixels, -report.quarter_turns))
    if report.inverted:
        pixels = np.float32(1) - pixels
    height_px, width_px = pixels.shape
    return replace(
        film,
        pixels=pixels,
        facts=replace(film.facts, width_px=width_px, height_px=height_px),
        notices=(*film.notices, *_done(report)),
    )


def _done(report: GateReport) -> Iterator[Notice]:
    if report.quarter_turns:
        yield Notice(f"gate.notice.turned_{report.quarter_turns}")
    if report.inverted:
        yield Notice("gate.notice.inverted")


def admit(film: Film) -> Film:
    """Let a film in: set right where it is turned or inverted, and with a warning where doubtful.

    Without a gate in use every film is let in as it is.

    Raises:
        NotAChestFilm: The picture is plainly no frontal chest film.
        WeightsError: The gate's files are missing, damaged or not the gate's.
    """
    gate = gate_in_use()
    if gate is None:
        return film
    report = gate.inspect(film)
    if report.kind is FilmKind.NOT_A_FILM:
        raise NotAChestFilm
    right = set_right(film, report)
    return replace(right, notices=(*right.notices, *report.notices))


def turned_by_hand(film: Film, turn: Turn) -> Film:
    """A film that was let in, turned as its reader wants it: now the gate warns and turns nothing.

    Raises:
        WeightsError: The gate's files are missing, damaged or not the gate's.
    """
    right = turned(film, turn)
    notices = tuple(notice for notice in right.notices if notice != _PERHAPS_TURNED)
    if gate := gate_in_use():
        report = gate.inspect(right)
        if report.quarter_turns or _PERHAPS_TURNED in report.notices:
            notices = (*notices, _PERHAPS_TURNED)
    return replace(right, notices=notices)
