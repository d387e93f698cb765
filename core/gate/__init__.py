"""The input gate: is this a frontal chest film, upright, and with its greys the right way round?"""

from core.gate.gate import (
    GATE_VARIABLE,
    FilmKind,
    Gate,
    GateReport,
    admit,
    gate_in_use,
    set_right,
    shared_gate,
    turned_by_hand,
)

__all__ = [
    "GATE_VARIABLE",
    "FilmKind",
    "Gate",
    "GateReport",
    "admit",
    "gate_in_use",
    "set_right",
    "shared_gate",
    "turned_by_hand",
]
