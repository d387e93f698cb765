"""CLAIM 2024 and STARD-AI, answered item by item from templates and what was measured."""

import string
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.reporting.markdown import NOT_MEASURED, table

YES, PARTLY, NO, NOT_APPLICABLE = STATES = ("yes", "partly", "not done", "not applicable")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a checklist, answered.

    Args:
        number: As the checklist numbers it.
        asks: What it asks, in our words.
        state: One of ``STATES``.
        answer: Our answer.
    """

    number: str
    asks: str
    state: str
    answer: str

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(f"item {self.number}: state must be one of {STATES}, not {self.state}")


def read_checklist(name: str, values: Mapping[str, str]) -> tuple[Item, ...]:
    """The items of a checklist.

    Where every value that an answer calls for was not measured, a "yes" or "partly" is "not done";
    where some were, a "yes" is "partly".

    Args:
        name: ``claim`` or ``stard``.
        values: What the templates call for.

    Raises:
        KeyError: A template calls for a value that is not there.
    """
    file = Path(__file__).parent / f"{name}.toml"
    return tuple(
        Item(
            number=entry["number"],
            asks=entry["asks"],
            state=_state(entry["state"], entry["answer"], values),
            answer=entry["answer"].format_map(values),
        )
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["item"]
    )


def _state(state: str, answer: str, values: Mapping[str, str]) -> str:
    called = [name for _, name, _, _ in string.Formatter().parse(answer) if name is not None]
    missing = [name for name in called if values[name] == NOT_MEASURED]
    if not missing or state not in (YES, PARTLY):
        return state
    return NO if len(missing) == len(called) else PARTLY


def checklist_table(items: tuple[Item, ...]) -> str:
    """A line that counts the states, and a Markdown table of the items."""
    counts = Counter(item.state for item in items)
    counted = ", ".join(f"{state} {counts[state]}" for state in STATES)
    rows = [[item.number, item.asks, item.state, item.answer] for item in items]
    return f"{len(items)} rows: {counted}.\n\n{table(['Item', 'Asks', 'Done', 'Answer'], rows)}"
