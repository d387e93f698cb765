"""The studies in words: one sentence a finding."""

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd

from core.messages.catalogue import catalogue, text
from core.metrics.over_seeds import Estimate
from core.models import REGISTRY
from core.reporting.captions.study_names import (
    catalogue_name,
    study_question,
    variant_title,
    written_difference,
    written_figure,
)
from core.results.study_table import FRAMES_LOSS, FRAMES_UNCHANGED
from core.training.experiments.study import Study
from core.training.experiments.summary import (
    GAP,
    LOWER_FIRST,
    TEST_GAP,
    VariantFigures,
    compare,
    is_complete,
    is_measured,
    range_of,
    rank_correlation,
    spread_of,
    with_gaps,
)

FIGURES = (
    "val_loss",
    "val_auroc",
    "val_accuracy",
    "val_sensitivity",
    "val_specificity",
    GAP,
    FRAMES_LOSS,
    FRAMES_UNCHANGED,
)
WITH_GAP = ("augmentation", "leave-one-out", "regularisation", "data", "synthetic")
"""Studies that ask for the gap between training films and others."""
_ALIKE = 0.5
"""The rank correlation from which on two orders are called alike."""
_OPPOSITE = {"lowers", "raises"}


def _with_interval(
    figure: str,
    estimate: Estimate,
    language: str,
    written: Callable[[str, float, str], str] = written_figure,
) -> str:
    """A value with its interval and number of seeds."""
    value = written(figure, estimate.value, language)
    if estimate.low is None or estimate.high is None:
        return text(language, "study.one_seed", value=value)
    low, high = (written(figure, end, language) for end in (estimate.low, estimate.high))
    interval = text(language, "metric.interval", low=low, high=high)
    return text(language, "study.seeds", value=value, interval=interval, n=estimate.n)


def finding(study: Study, compared: Sequence[VariantFigures], figure: str, language: str) -> str:
    """What the best variant does against the baseline, seed by seed, in one sentence.

    The best variant is the best of those that are not the baseline. It has an effect where the
    interval of the paired difference leaves out zero. There is no conclusion where a run of the
    two had not converged, or with a single seed.

    Args:
        study: The study.
        compared: As ``core.training.experiments.summary.compare`` gives them.
        figure: What they were compared by.
        language: A language of the catalogue.
    """
    words = partial(text, language)
    done = [(each, each.estimate) for each in compared if each.estimate]
    if not done:
        return words("study.finding.none")
    paired = [(each, each.difference) for each, _ in done if each.difference]
    if not paired:
        best, estimate = done[0]
        return words(
            "study.finding.unpaired",
            best=variant_title(study.name, best.variant.name, language),
            figure=words(f"study.said.{figure}"),
            value=_with_interval(figure, estimate, language),
        )
    best, difference = paired[0]
    baseline = _named(study.baseline, compared)
    return _effect(study, best, difference, kind_of(best, baseline), figure, language)


def _effect(
    study: Study,
    each: VariantFigures,
    difference: Estimate,
    kind: str,
    figure: str,
    language: str,
) -> str:
    """What a variant does to a figure, in one sentence; ``kind`` is one of ``kind_of``."""
    value = _with_interval(figure, difference, language, written_difference)
    baseline = variant_title(study.name, study.baseline, language)
    return text(
        language,
        f"study.finding.{kind}",
        best=variant_title(study.name, each.variant.name, language),
        figure=text(language, f"study.said.{figure}"),
        difference=text(language, "study.difference", value=value, baseline=baseline),
    )


def kind_of(each: VariantFigures, baseline: VariantFigures) -> str:
    """What a variant does to a figure: ``lowers``, ``raises`` or ``no_effect``, or why it is open.

    The interval of the paired difference alone decides.
    """
    if each.unconverged or baseline.unconverged:
        return "not_converged"
    difference = each.difference
    if difference is None or difference.low is None or difference.high is None:
        return "one_seed"
    if difference.low > 0:
        return "raises"
    return "lowers" if difference.high < 0 else "no_effect"


def headline(
    study: Study,
    compared: Sequence[VariantFigures],
    on_test: Sequence[VariantFigures],
    language: str,
) -> str:
    """What a study found by validation loss, in at most 14 words.

    It tells of the best variant; where that has no effect and another does harm, of the worst.

    Args:
        study: The study.
        compared: Its variants by validation loss.
        on_test: The same by test loss; empty before the study's look.
        language: A language of the catalogue.
    """
    best = _best(compared)
    if best is None:
        return text(language, "study.headline.none")
    baseline = _named(study.baseline, compared)
    kind, told = kind_of(best, baseline), best
    difference = short_difference(best.difference, "val_loss", language)
    if kind == "lowers" and (reverse := _reverse(study, compared, on_test)):
        kind = "reversed"
        difference = written_difference("val_loss", reverse[1].value, language)
    elif kind == "no_effect":
        harms = (each for each in reversed(compared) if kind_of(each, baseline) == "raises")
        if (worst := next(harms, None)) and worst.difference:
            kind, told = "only_worse", worst
            difference = written_difference("val_loss", worst.difference.value, language)
    return text(
        language,
        f"study.headline.{kind}",
        best=variant_title(study.name, told.variant.name, language),
        difference=difference,
    )


def _reverse(
    study: Study, compared: Sequence[VariantFigures], on_test: Sequence[VariantFigures]
) -> tuple[VariantFigures, Estimate, str] | None:
    """The best variant on the test films, if they say the opposite: its difference and kind."""
    best = _best(compared)
    if best is None or not on_test:
        return None
    reverse = _named(best.variant.name, on_test)
    kind = kind_of(reverse, _named(study.baseline, on_test))
    kinds = {kind_of(best, _named(study.baseline, compared)), kind}
    if reverse.difference is None or kinds != _OPPOSITE:
        return None
    return reverse, reverse.difference, kind


def _best(compared: Sequence[VariantFigures]) -> VariantFigures | None:
    """The first that can be compared with the baseline."""
    return next((each for each in compared if each.difference), None)


def _named(name: str, compared: Sequence[VariantFigures]) -> VariantFigures:
    return next(each for each in compared if each.variant.name == name)


def reversal(
    study: Study,
    compared: Sequence[VariantFigures],
    on_test: Sequence[VariantFigures],
    figure: str,
    language: str,
) -> str | None:
    """That the test films say the opposite of what validation says of the best variant.

    Args:
        study: The study.
        compared: Its variants by a figure of the validation patients.
        on_test: The same by that figure of the test films; empty before the study's look.
        figure: That figure of the test films.
        language: A language of the catalogue.

    Returns:
        Two sentences; None where one of the two leaves the sign open, or both agree.
    """
    reverse = _reverse(study, compared, on_test)
    if reverse is None:
        return None
    return f"{_effect(study, *reverse, figure, language)} {text(language, 'study.reversal')}"


def short_difference(estimate: Estimate | None, figure: str, language: str) -> str:
    """A difference and its interval, as short as can be."""
    if estimate is None:
        return "–"
    value = written_difference(figure, estimate.value, language)
    if estimate.low is None or estimate.high is None:
        return value
    ends = [written_difference(figure, end, language) for end in (estimate.low, estimate.high)]
    return f"{value}; {text(language, 'metric.interval', low=ends[0], high=ends[1])}"


def progress(study: Study, table: pd.DataFrame, language: str) -> str | None:
    """How many runs are still to come; None where the study is complete."""
    if is_complete(study, table):
        return None
    done = int((table["study"] == study.name).sum())
    planned = sum(len(variant.seeds) for variant in study.variants)
    return text(language, "study.progress", done=done, planned=planned, study=study.name)


def unconverged(study: Study, table: pd.DataFrame, language: str) -> str | None:
    """How many runs were best in their last epoch; None where none was."""
    rows = table[table["study"] == study.name]
    count = int((~rows["converged"].astype(bool)).sum())
    return text(language, "study.unconverged", n=count, runs=len(rows)) if count else None


def open_question(study: Study, table: pd.DataFrame, language: str) -> str:
    """What a study that concludes nothing asked, and how many runs had not converged."""
    return f"{study_question(study.name, language)} {unconverged(study, table, language)}."


def note(study: Study, language: str) -> str:
    """What is to be known of a study beside its question; nothing for most."""
    key = f"study.note.{catalogue_name(study.name)}"
    return text(language, key) if key in catalogue(language) else ""


def recipe(study: Study, language: str) -> str:
    """What all variants of a study share, unless they vary it."""
    settings = study.settings
    shared = text(
        language,
        "study.recipe_lungs" if study.fold_by_seed else "study.recipe",
        architecture=REGISTRY[settings["architecture"]].title,
        start=text(language, f"study.start.{settings.get('init', 'none')}"),
        size_px=settings["size_px"],
        epochs=settings["epochs"],
        decay=settings.get("decay_epochs", 0),
        patience=settings.get("patience", 0),
    )
    if settings.get("ema_decay") == 0:
        return f"{shared} {text(language, 'study.unaveraged')}"
    return shared


def looked_at(study: Study, table: pd.DataFrame, language: str) -> str:
    """Whether the study has had its look at the test films, or only the runs that it shares."""
    if is_measured(study, table):
        return text(language, "study.tested")
    shared = table.loc[table["study"] == study.name, "test_loss"].notna().any()
    return text(language, "study.untested_but_shared" if shared else "study.untested")


def orders(
    held_out: Sequence[VariantFigures], on_test: Sequence[VariantFigures], language: str
) -> str | None:
    """Whether the variants come in the same order on the test films as on the validation patients.

    Args:
        held_out: The variants by what the validation patients say.
        on_test: The same by what the test films say.
        language: A language of the catalogue.

    Returns:
        A sentence; None before all runs were measured, and where there is no order: all variants
        are equal, or lie no further apart than the seeds of one.
    """
    if not _all_measured(on_test) or range_of(*held_out) <= (spread_of(*held_out) or 0):
        return None
    rho = rank_correlation(held_out, on_test)
    if rho is None:
        return None
    much = "alike" if rho >= _ALIKE else "reversed" if rho <= -_ALIKE else "apart"
    return text(language, f"study.orders.{much}", rho=f"{rho:.2f}", n=len(on_test))


def _all_measured(on_test: Sequence[VariantFigures]) -> bool:
    """Whether every run that is planned has the test figure that these were compared by."""
    return all(len(each.figures) == len(each.variant.seeds) for each in on_test)


def latency_caption(
    study: Study,
    compared: Sequence[VariantFigures],
    latency: pd.DataFrame,
    figure: str,
    language: str,
) -> str:
    """Which architectures no other one beats in both."""
    milliseconds = dict(zip(latency["architecture"], latency["ms"], strict=True))
    sign = 1 if figure in LOWER_FIRST else -1
    points = {
        each.variant.name: (milliseconds[name], sign * each.estimate.value)
        for each in compared
        if each.estimate and (name := each.variant.settings["architecture"]) in milliseconds
    }
    edge = [
        variant_title(study.name, name, language)
        for name, (slow, bad) in sorted(points.items(), key=lambda item: item[1])
        if not any(s <= slow and b <= bad and (s, b) != (slow, bad) for s, b in points.values())
    ]
    return text(language, "study.caption.latency", edge=", ".join(edge))


def figures_of(study: Study, table: pd.DataFrame) -> tuple[str, ...]:
    """Those of ``FIGURES`` by which the variants of a study can be compared."""
    rows = with_gaps(table[table["study"] == study.name])
    return tuple(
        figure for figure in FIGURES if rows.loc[rows[figure].notna(), "variant"].nunique() > 1
    )


def frames_finding(study: Study, table: pd.DataFrame, language: str) -> str | None:
    """What the best variant does to verdicts in other frames; None where none was measured."""
    if FRAMES_UNCHANGED not in figures_of(study, table):
        return None
    return finding(study, compare(study, table, FRAMES_UNCHANGED), FRAMES_UNCHANGED, language)


def gap_finding(
    study: Study,
    by_gap: Sequence[VariantFigures],
    by_test_gap: Sequence[VariantFigures],
    language: str,
) -> str | None:
    """What the best variant does to the overfitting gap; None for studies that do not ask.

    Args:
        study: The study.
        by_gap: Its variants by ``GAP``.
        by_test_gap: The same by ``TEST_GAP``; told once all runs were measured on the test films.
        language: A language of the catalogue.
    """
    if study.name not in WITH_GAP or not any(each.estimate for each in by_gap):
        return None
    sentence = finding(study, by_gap, GAP, language)
    if not _all_measured(by_test_gap):
        return sentence
    return f"{sentence} {finding(study, by_test_gap, TEST_GAP, language)}"
