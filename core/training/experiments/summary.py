"""The variants of a study compared by one figure, over their seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from core.metrics.over_seeds import Estimate, mean_over_seeds, paired_difference
from core.results.study_table import FRAMES_LOSS
from core.training.experiments.studies import ALL_STUDIES, STUDIES, SUCCESSORS
from core.training.experiments.study import Study, Variant

GAP, TEST_GAP = "gap", "test_gap"
"""How far the loss of validation, or of test films, lies over that of plain training films."""
GAPS = (GAP, TEST_GAP)
LOWER_FIRST = (*GAPS, "val_loss", "test_loss", "train_loss", FRAMES_LOSS)
CONVERGED_SHARE = 0.9
"""The share of runs that must have been best before their last epoch for a study to conclude."""


@dataclass(frozen=True, slots=True)
class VariantFigures:
    """One variant's figures.

    Args:
        variant: Of the study.
        figures: By seed; of the finished runs alone.
        runs: The finished runs' names, by seed.
        unconverged: Seeds whose best epoch was the last.
        estimate: The mean; None before the first run.
        difference: How far it lies over the baseline, seed by seed; None for the baseline itself,
            and where the two have no seed in common.
    """

    variant: Variant
    figures: Mapping[int, float]
    runs: Mapping[int, str]
    unconverged: frozenset[int]
    estimate: Estimate | None
    difference: Estimate | None


def with_gaps(table: pd.DataFrame) -> pd.DataFrame:
    """The table of runs with the columns ``GAPS``."""
    losses = zip(GAPS, ("val_loss", "test_loss"), strict=True)
    return table.assign(**{gap: table[loss] - table["train_loss"] for gap, loss in losses})


def compare(study: Study, table: pd.DataFrame, figure: str) -> tuple[VariantFigures, ...]:
    """All variants of a study, the best first and those without a run last.

    Args:
        study: The study.
        table: As ``core.training.experiments.table.read_study_table`` gives it.
        figure: A column of it, or one of ``GAPS``.
    """
    rows = with_gaps(table[table["study"] == study.name])
    rows = rows[rows[figure].notna()]
    by_seed = {
        variant.name: dict(zip(group["seed"].astype(int), group[figure].astype(float), strict=True))
        for variant in study.variants
        if len(group := rows[rows["variant"] == variant.name])
    }
    baseline = by_seed.get(study.baseline, {})
    compared = [
        _figures(variant, rows, by_seed.get(variant.name, {}), baseline, study, figure)
        for variant in study.variants
    ]
    sign = 1 if figure in LOWER_FIRST else -1
    return tuple(
        sorted(
            compared,
            key=lambda each: sign * each.estimate.value if each.estimate else float("inf"),
        )
    )


def _figures(
    variant: Variant,
    rows: pd.DataFrame,
    figures: Mapping[int, float],
    baseline: Mapping[int, float],
    study: Study,
    figure: str,
) -> VariantFigures:
    least = -np.inf if figure in GAPS else 0
    most = np.inf if figure in LOWER_FIRST else 1
    own = rows[rows["variant"] == variant.name]
    is_baseline = variant.name == study.baseline
    return VariantFigures(
        variant=variant,
        figures=figures,
        runs=dict(zip(own["seed"].astype(int), own["run"], strict=True)),
        unconverged=frozenset(own.loc[~own["converged"].astype(bool), "seed"].astype(int)),
        estimate=mean_over_seeds(list(figures.values()), least, most) if figures else None,
        difference=None if is_baseline else paired_difference(figures, baseline),
    )


def is_complete(study: Study, table: pd.DataFrame) -> bool:
    """Whether all runs of a study are finished."""
    planned = sum(len(variant.seeds) for variant in study.variants)
    return int((table["study"] == study.name).sum()) == planned


def current_studies(table: pd.DataFrame) -> dict[str, Study]:
    """All studies that are told of, by name: a complete one takes its predecessor's place."""
    return {
        name: study
        for name, study in ALL_STUDIES.items()
        if name not in SUCCESSORS or not is_complete(STUDIES[SUCCESSORS[name]], table)
    }


def earlier_studies(table: pd.DataFrame) -> list[str]:
    """Earlier studies that conclude nothing, by name.

    Too few of their runs converged, and their question is not the original project's.
    """
    return [
        name
        for name in current_studies(table)
        if name not in (*STUDIES, *SUCCESSORS)
        and table.loc[table["study"] == name, "converged"].astype(bool).mean() < CONVERGED_SHARE
    ]


def is_measured(study: Study, table: pd.DataFrame) -> bool:
    """Whether a study is complete and all its runs were measured on the test films."""
    measured = table.loc[table["study"] == study.name, "test_loss"].notna()
    return is_complete(study, table) and bool(measured.all())


def rank_correlation(
    first: Sequence[VariantFigures], second: Sequence[VariantFigures]
) -> float | None:
    """Spearman's rank correlation of the variants' means by two figures; None where undefined.

    Args:
        first: Variants by one figure.
        second: The same by another, in any order.
    """
    others = {each.variant.name: each.estimate for each in second}
    pairs = [
        (each.estimate.value, other.value)
        for each in first
        if each.estimate and (other := others.get(each.variant.name))
    ]
    if any(len(set(values)) < 2 for values in zip(*pairs, strict=True)) or len(pairs) < 3:
        return None
    return float(spearmanr(*zip(*pairs, strict=True)).statistic)


def range_of(*compared: VariantFigures) -> float:
    """How far the means of variants lie apart; at least one has a run."""
    means = [each.estimate.value for each in compared if each.estimate]
    return max(means) - min(means)


def spread_of(*compared: VariantFigures) -> float | None:
    """The standard deviation between seeds, pooled over variants; None where one has one seed."""
    deviations = [
        each.estimate.sd for each in compared if each.estimate and each.estimate.sd is not None
    ]
    if len(deviations) < len(compared):
        return None
    return float((sum(sd**2 for sd in deviations) / len(deviations)) ** 0.5)
