"""What finished runs make of films that they have not seen, as tables to judge and calibrate by."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from core.data.conditions import CONDITIONS
from core.messages.errors import StressMissing
from core.results.runs import OUT_OF_SERIES, STRESS, read_run


def stress_of(runs: Sequence[str], results: Path) -> pd.DataFrame:
    """The logits of a candidate under every condition, averaged over its runs.

    Args:
        runs: The candidate's.
        results: Folder of results.

    Returns:
        A row a film: ``image``, ``patient``, ``split``, ``truth``, and a column a condition.

    Raises:
        RunMissing: There is no such run.
        StressMissing: A run has not been measured under stress.
    """
    tables = []
    for run in runs:
        folder = results / "runs" / run
        read_run(folder)  # that there is none is said before that it lacks its stress
        table = _table(run, folder / STRESS)
        if not set(CONDITIONS) <= set(table):
            raise StressMissing(run=run)
        tables.append(table)
    shared = conditions_of(tables)
    known = tables[0].drop(columns=conditions_of(tables[:1]))
    return known.join(sum(table[shared] for table in tables) / len(tables))


def _table(run: str, file: Path) -> pd.DataFrame:
    if not file.is_file():
        raise StressMissing(run=run)
    return pd.read_csv(file)


def conditions_of(tables: Sequence[pd.DataFrame]) -> list[str]:
    """The conditions that all of these tables have, in their order."""
    return [condition for condition in CONDITIONS if all(condition in table for table in tables)]


def out_of_series_of(runs: Sequence[str], results: Path) -> pd.DataFrame:
    """What runs without a series of normal films make of these: their mean logit.

    Args:
        runs: One, or several that lacked the same series.
        results: Folder of results.

    Returns:
        Columns ``image``, ``patient``, ``split``, ``truth`` and ``logit``.

    Raises:
        StressMissing: A run has not been measured on its series.
    """
    tables = [_table(run, results / "runs" / run / OUT_OF_SERIES) for run in runs]
    logits = pd.concat([table.set_index("image")["logit"] for table in tables], axis=1)
    return tables[0].assign(logit=logits.mean(axis=1).to_numpy())


def pooled(stress: pd.DataFrame, out_of_series: Sequence[pd.DataFrame] = ()) -> pd.DataFrame:
    """Every reading as a film of its own: a row a film and condition, then those out of series.

    Args:
        stress: As ``stress_of`` gives it.
        out_of_series: Each as ``out_of_series_of`` gives it.

    Returns:
        Columns ``image``, ``patient``, ``split``, ``truth`` and ``logit``.
    """
    conditions = conditions_of([stress])
    films = stress.drop(columns=conditions)
    readings = [films.assign(logit=stress[condition]) for condition in conditions]
    return pd.concat([*readings, *out_of_series], ignore_index=True)


def readings_of(
    runs: Sequence[str], results: Path, with_series: Sequence[str] = ()
) -> pd.DataFrame:
    """All readings that a model of these runs is calibrated on.

    Args:
        runs: The model's.
        results: Folder of results.
        with_series: Runs that lacked a series, whose readings of it count too; RUN+RUN for
            the mean of several.

    Raises:
        RunMissing: There is no such run.
        StressMissing: A run has not been measured.
    """
    further = [out_of_series_of(names.split("+"), results) for names in with_series]
    return pooled(stress_of(runs, results), further)
