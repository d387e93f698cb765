"""What the studies say in words: names of variants, and the sentences beside their figures."""

from collections.abc import Sequence
from functools import partial

import pandas as pd

from core.messages.catalogue import text
from core.metrics.over_seeds import Estimate
from core.models import REGISTRY
from core.reporting.numbers import PERCENTAGES, percent
from core.training.classifier.config import BALANCE
from core.training.experiments.studies import ALL_STUDIES
from core.training.experiments.study import Study
from core.training.experiments.summary import (
    GAP,
    LOWER_FIRST,
    VariantFigures,
    compare,
    is_complete,
    is_measured,
    range_of,
    rank_correlation,
    spread_of,
)

FIGURES = ("val_loss", "val_auroc", "val_accuracy", "val_sensitivity", "val_specificity", GAP)
CLIENTS_VARIANT = {
    "architecture": "densenet121",
    "architecture-lungs": "densenet121",
    "mixup": "p0.3-a0.4",
    "mixup-lungs": "p0.3-a0.4",
}
"""What won in the project that is told here again, by study."""
WITH_GAP = ("augmentation", "leave-one-out", "regularisation", "data", "synthetic")
"""Studies that ask for the gap between training films and others."""
_ALIKE = 0.5
"""The rank correlation from which on two orders are called alike."""


def figure_name(figure: str, language: str) -> str:
    """A figure's name: ``Validation loss``, ``Test AUROC``."""
    if figure == GAP:
        return text(language, "study.figure.gap")
    split, metric = figure.split("_", 1)
    name = "log_loss" if metric == "loss" else metric
    return text(language, f"study.figure.{split}", metric=text(language, f"metric.name.{name}"))


def variant_title(study: str, variant: str, language: str) -> str:
    """A variant's name as people read it."""
    words = partial(text, language)
    settings = next(each.settings for each in ALL_STUDIES[study].variants if each.name == variant)
    if study.startswith("architecture"):
        title = REGISTRY[settings["architecture"]].title
        return words("study.imagenet", title=title) if "init" in settings else title
    if study.startswith("mixup"):
        share = f"{100 * settings['mixup_prob']:g}"
        return words("study.mixup", share=share, alpha=f"{settings['mixup_alpha']:g}")
    if study == "data":
        return words("study.share", share=f"{100 * settings['train_share']:g}")
    if study == "synthetic":
        amount = settings.get("synthetic", "0")
        if amount == BALANCE:
            return words("study.balanced")
        return words("study.synthetic", share=f"{100 * float(amount):g}")
    if study == "leave-one-out" and variant.startswith("all-"):
        part = words(f"study.part.{variant.removeprefix('all-')}")
        return words("study.without", part=part)
    if study == "framing":
        return words(f"study.framing.{variant}")
    if study == "regularisation":
        return words(f"study.variant.{variant.replace('-', '_').replace('.', '_')}")
    part = words(f"study.part.{variant}")
    return part[0].upper() + part[1:]


def row_title(study: Study, compared: VariantFigures, language: str) -> str:
    """A variant's name in a chart, with what is missing and whether it is the baseline."""
    title = variant_title(study.name, compared.variant.name, language)
    if compared.variant.name == study.baseline:
        title = text(language, "study.baseline", title=title)
    done, planned = len(compared.figures), len(compared.variant.seeds)
    if done < planned:
        title = text(language, "study.so_far", title=title, done=done, planned=planned)
    return title


def written_figure(figure: str, value: float, language: str) -> str:
    """One value: rates as percentages, losses and AUROC with four decimals."""
    if figure.split("_", 1)[-1] in PERCENTAGES:
        return percent(value, language)
    return f"{value:.4f}"


def written_difference(figure: str, value: float, language: str) -> str:
    """How far two values lie apart: points of percentages, or four decimals."""
    if figure.split("_", 1)[-1] in PERCENTAGES:
        return text(language, "metric.points", value=100 * value)
    return f"{value:.4f}"


def _with_interval(figure: str, estimate: Estimate, language: str) -> str:
    value = written_figure(figure, estimate.value, language)
    if estimate.low is None or estimate.high is None:
        return text(language, "study.one_seed", value=value)
    low, high = (written_figure(figure, end, language) for end in (estimate.low, estimate.high))
    interval = text(language, "metric.interval", low=low, high=high)
    return text(language, "study.seeds", value=value, interval=interval, n=estimate.n)


def finding(study: Study, compared: Sequence[VariantFigures], figure: str, language: str) -> str:
    """Which variant is best, by how much, and whether seeds differ by more than that.

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
    best, estimate = done[0]
    told = {
        "best": variant_title(study.name, best.variant.name, language),
        "figure": figure_name(figure, language),
        "value": _with_interval(figure, estimate, language),
    }
    if len(done) == 1:
        return words("study.finding.one", **told)
    second, other = done[1]
    apart = abs(estimate.value - other.value)
    spread = spread_of(best, second)
    told |= {
        "second": variant_title(study.name, second.variant.name, language),
        "apart": written_difference(figure, apart, language),
    }
    if apart == 0:
        return words("study.finding.equal", **told)
    if spread is None:
        return words("study.finding.unknown", **told)
    told["spread"] = written_difference(figure, spread, language)
    return words("study.finding.more" if apart > spread else "study.finding.less", **told)


def against_baseline(
    study: Study, compared: Sequence[VariantFigures], figure: str, language: str
) -> str | None:
    """The best variant against the baseline, seed by seed; None where there is nothing to tell."""
    best = compared[0]
    if best.estimate is None or best.difference is None:
        return None
    difference = best.difference
    told = {
        "best": variant_title(study.name, best.variant.name, language),
        "baseline": variant_title(study.name, study.baseline, language),
        "apart": written_difference(figure, difference.value, language),
        "n": difference.n,
    }
    if difference.low is None or difference.high is None:
        return text(language, "study.paired.one", **told)
    low, high = (
        written_difference(figure, end, language) for end in (difference.low, difference.high)
    )
    told["interval"] = text(language, "metric.interval", low=low, high=high)
    clear = difference.low > 0 or difference.high < 0
    return text(language, "study.paired.clear" if clear else "study.paired.chance", **told)


def answer(study: Study, table: pd.DataFrame, language: str) -> str | None:
    """Whether what won in the client's project wins here by validation loss; None where unasked.

    Of the architectures only those trained from scratch count, as the client's were.
    """
    claimed = CLIENTS_VARIANT.get(study.name)
    if claimed is None:
        return None
    done = [
        each
        for each in compare(study, table, "val_loss")
        if each.estimate and "init" not in each.variant.settings
    ]
    names = [each.variant.name for each in done]
    if claimed not in names or len(names) == 1:
        return text(language, f"study.answer.{_asked(study)}_unknown")
    best = variant_title(study.name, names[0], language)
    if names[0] == claimed:
        return text(language, f"study.answer.{_asked(study)}_yes", of=len(names))
    place = names.index(claimed) + 1
    return text(language, f"study.answer.{_asked(study)}_no", best=best, place=place, of=len(names))


def _asked(study: Study) -> str:
    """The question that a study asks, whichever design it has: ``mixup`` of ``mixup-lungs``."""
    return study.name.removesuffix("-lungs")


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


def recipe(study: Study, language: str) -> str:
    """What all variants of a study share, unless they vary it."""
    shared = text(
        language,
        "study.recipe",
        architecture=REGISTRY[study.settings["architecture"]].title,
        size_px=study.settings["size_px"],
        epochs=study.settings["epochs"],
    )
    if study.fold_by_seed:
        return text(
            language,
            "study.recipe_lungs",
            architecture=REGISTRY[study.settings["architecture"]].title,
            size_px=study.settings["size_px"],
            epochs=study.settings["epochs"],
            patience=study.settings["patience"],
        )
    if study.settings.get("ema_decay") == 0:
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


def dots_caption(figure: str, language: str) -> str:
    """How the dot plot is read."""
    better = "lower" if figure in LOWER_FIRST else "higher"
    return text(
        language,
        "study.caption.dots",
        figure=figure_name(figure, language),
        better=text(language, f"study.{better}"),
    )


def latency_caption(
    study: Study,
    compared: Sequence[VariantFigures],
    latency: pd.DataFrame,
    figure: str,
    language: str,
) -> str:
    """Which architectures no other one beats in both, and where latency was measured."""
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
    return text(
        language,
        "study.caption.latency",
        edge=", ".join(edge),
        size_px=latency["size_px"].iloc[0],
        cpu=latency["cpu"].iloc[0],
    )


def gap_finding(
    study: Study,
    by_gap: Sequence[VariantFigures],
    by_test_gap: Sequence[VariantFigures],
    language: str,
) -> str | None:
    """Which variant overfits least and which most; None for studies that do not ask.

    Args:
        study: The study.
        by_gap: Its variants by ``GAP``.
        by_test_gap: The same by ``TEST_GAP``.
        language: A language of the catalogue.

    Returns:
        By how far validation losses lie over training losses, and whether variants differ by more
        than seeds; after the study's look, by how far test losses do.
    """
    done = [each for each in by_gap if each.estimate]
    if study.name not in WITH_GAP or not done:
        return None
    told = _ends(study, done, language)
    if len(done) == 1:
        return text(language, "study.gap.only", **told)
    spread = spread_of(*done)
    if spread is None:
        return text(language, "study.gap.unknown", **told)
    told["spread"] = written_difference(GAP, spread, language)
    kind = "more" if range_of(*done) > spread else "less"
    sentence = text(language, f"study.gap.{kind}", **told)
    if not _all_measured(by_test_gap):
        return sentence
    on_test = _ends(study, by_test_gap, language)
    return f"{sentence} {text(language, 'study.gap.test', **on_test)}"


def _ends(study: Study, compared: Sequence[VariantFigures], language: str) -> dict[str, str]:
    """The variants of the smallest and of the largest gap, and those gaps."""
    done = [(each.variant.name, each.estimate.value) for each in compared if each.estimate]
    (best, smallest), (worst, largest) = done[0], done[-1]
    return {
        "best": variant_title(study.name, best, language),
        "gap": written_figure(GAP, smallest, language),
        "worst": variant_title(study.name, worst, language),
        "largest": written_figure(GAP, largest, language),
    }
