"""Markdown as the READMEs, the model card and the command line print it."""

from collections.abc import Mapping, Sequence
from typing import Any

NOTHING = "-"
NOT_MEASURED = "not measured"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    r"""A table; a bar within a cell does not end the cell.

    Examples:
        >>> print(table(["who", "what"], [["a", "b | c"]]))
        | who | what |
        | --- | --- |
        | a | b \| c |
    """
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, cells))} |" for cells in lines)


def figure(metric: Mapping[str, Any] | None) -> str:
    """A metric with its 95 % interval; a dash where it is not defined or was not measured.

    Args:
        metric: ``value``, ``low`` and ``high``, shares of one.
    """
    if metric is None or metric["value"] is None:
        return NOTHING
    return f"{metric['value']:.3f} ({metric['low']:.3f} - {metric['high']:.3f})"


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", r"\|")
