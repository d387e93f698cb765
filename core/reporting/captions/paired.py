"""Two models on the same films, in words and as a table."""

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd

from core.messages.catalogue import text
from core.metrics.paired import Comparison, Discordance

_RATES = {"all": "accuracy", "pneumonia": "sensitivity", "normal": "specificity"}
CHANCE = 0.05


def paired_table(comparison: Comparison, language: str) -> pd.DataFrame:
    """A row a group of films: who is right how often, the difference, and McNemar's p."""
    words = partial(text, language)
    rows = [
        (
            words(f"paired.group.{name}"),
            str(group.both),
            str(group.first),
            str(group.second),
            str(group.neither),
            f"{words(f'metric.name.{_RATES[name]}')} {difference_words(group, language)}",
            p_words(group.p_value),
        )
        for name, group in comparison.groups.items()
    ]
    keys = ("films", "both", "first", "second", "neither", "difference", "p")
    columns = [words(f"paired.column.{key}") for key in keys]
    return pd.DataFrame(rows, columns=columns).set_index(columns[0])


def difference_words(group: Discordance, language: str) -> str:
    """A difference in percentage points with its sign, and its interval."""
    return _points(group.difference, language)


def _points(figure: Mapping[str, float | None], language: str) -> str:
    values = [100 * (figure[key] or 0.0) for key in ("value", "low", "high")]
    value, low, high = (f"{number:+.1f}".replace("-", "−") for number in values)
    return text(language, "paired.points", value=value, low=low, high=high)


def p_words(p_value: float) -> str:
    """A p value with three decimals, or that it is smaller.

    Examples:
        >>> p_words(0.0421), p_words(1e-9), p_words(1.0)
        ('0.042', '< 0.001', '1.000')
    """
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def paired_sentence(comparison: Comparison, names: Sequence[str], language: str) -> str:
    """Which model calls more films correctly, and whether chance would do as much."""
    group = comparison.groups["all"]
    words = partial(text, language)
    counts = {"first": group.first, "second": group.second, "n": group.n}
    if group.first + group.second == 0:
        return words("paired.same", n=group.n)
    if group.p_value >= CHANCE:
        key = "paired.alike"
    else:
        key = "paired.first_better" if group.first > group.second else "paired.second_better"
    return words(
        key,
        one=names[0],
        other=names[1],
        p=p_words(group.p_value),
        **counts,
    )


def auroc_sentence(comparison: Comparison, names: Sequence[str], language: str) -> str:
    """The difference of the two AUROCs, and whether its interval leaves out zero."""
    words = partial(text, language)
    figure = comparison.auroc
    value, low, high = (figure[key] for key in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return words("evaluation.one_class")
    apart = "apart" if low > 0 or high < 0 else "together"
    signed = {
        name: f"{number:+.3f}".replace("-", "−")
        for name, number in (("value", value), ("low", low), ("high", high))
    }
    figures = words("paired.auroc", one=names[0], other=names[1], n=comparison.n, **signed)
    return f"{figures} {words(f'paired.auroc_{apart}')}"
