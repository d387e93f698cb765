"""Review, subgroups, stress and seeds of a model: sentences and tables."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd

from core.messages.catalogue import catalogue, text
from core.metrics.classification import wilson_of
from core.reporting.numbers import percent, written, written_interval, written_share
from core.reporting.seed_intervals import mean_over_seeds
from core.results.model_records import Candidate, Masking

RATES = ("accuracy", "sensitivity", "specificity")
SEED_RATES = (*RATES, "auroc")
SEED_METRICS = (*SEED_RATES, "ece")
GROUPS = ("bacteria", "virus", "shared_number", "own_number")
PLAIN = "plain"


def has_review(summary: Mapping[str, Any]) -> bool:
    """Whether an evaluation tells of a review band that held films, and of the rest of them."""
    review = summary.get("review")
    return bool(review and review["n"] and review["rest"])


def review_caption(summary: Mapping[str, Any], language: str) -> str:
    """The review band in words: how many films it holds, and the accuracy without them."""
    review, rest = summary["review"], summary["review"]["rest"]
    return text(
        language,
        "evaluation.caption.review",
        reviewed=review["n"],
        n=summary["n"],
        low=percent(review["low"], language),
        high=percent(review["high"], language),
        rest=rest["n"],
        accuracy=written("accuracy", rest["accuracy"]["value"], language),
        accuracy_interval=written_interval("accuracy", rest["accuracy"], language),
        all_accuracy=written("accuracy", summary["accuracy"]["value"], language),
        **written_share(review["n"], summary["n"], language),
    )


def review_table(summary: Mapping[str, Any], language: str) -> pd.DataFrame:
    """A row a rate: of all films, and of those outside the review band, with intervals."""
    columns = {"all": summary, "rest": summary["review"]["rest"]}
    return pd.DataFrame(
        {
            text(language, f"evaluation.review.{key}"): [
                with_interval(name, figures[name], language) for name in RATES
            ]
            for key, figures in columns.items()
        },
        index=_metrics_index(RATES, language),
    )


def with_interval(metric: str, figures: Mapping[str, Any], language: str) -> str:
    """A metric's value and its interval, as one entry of a table."""
    value = written(metric, figures["value"], language)
    if figures["value"] is None:
        return value
    return f"{value} ({written_interval(metric, figures, language)})"


def _metrics_index(metrics: Sequence[str], language: str) -> pd.Index:
    names = [text(language, f"metric.name.{name}") for name in metrics]
    return pd.Index(names, name=text(language, "metric.table.metric"))


def groups_of(summary: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The groups of pneumonias that an evaluation tells apart, in the order of ``GROUPS``."""
    known = summary.get("subgroups") or {}
    return {name: known[name] for name in GROUPS if name in known}


def group_name(group: str, language: str) -> str:
    """A group of pneumonias as people read it."""
    return text(language, f"evaluation.group.{group}")


def subgroups_caption(summary: Mapping[str, Any], language: str) -> str:
    """The group in which most pneumonias are missed, with its interval and n."""
    groups = groups_of(summary)
    worst = min(groups, key=lambda name: groups[name]["sensitivity"]["value"])
    figures = found_share(groups[worst])
    return text(
        language,
        "evaluation.caption.subgroups",
        group=group_name(worst, language),
        value=written("sensitivity", figures["value"], language),
        interval=written_interval("sensitivity", figures, language),
        n=_pneumonias(groups[worst]),
        all=written("sensitivity", summary["sensitivity"]["value"], language),
        all_n=_pneumonias(summary),
    )


def subgroups_table(summary: Mapping[str, Any], language: str) -> pd.DataFrame:
    """A row a group of pneumonias: how many, sensitivity and AUROC, with intervals."""
    groups = groups_of(summary)
    words = partial(text, language)
    columns: dict[str, list[str]] = {
        words("evaluation.group_table.n"): [str(_pneumonias(each)) for each in groups.values()]
    }
    columns[words("metric.name.sensitivity")] = [
        with_interval("sensitivity", found_share(each), language) for each in groups.values()
    ]
    columns[words("metric.name.auroc")] = [
        with_interval("auroc", each["auroc"], language) for each in groups.values()
    ]
    names = [group_name(name, language) for name in groups]
    return pd.DataFrame(columns, index=pd.Index(names, name=words("evaluation.group_table.group")))


def found_share(figures: Mapping[str, Any]) -> Mapping[str, Any]:
    """A group's sensitivity; where the bootstrap saw no spread, with Wilson's interval.

    No sample of a group in which nothing is missed misses anything: its interval would be a point.
    """
    sensitivity: Mapping[str, Any] = figures["sensitivity"]
    if sensitivity["low"] != sensitivity["high"]:
        return sensitivity
    low, high = wilson_of(figures["confusion"]["tp"], _pneumonias(figures))
    return {**sensitivity, "low": low, "high": high}


def _pneumonias(figures: Mapping[str, Any]) -> int:
    return int(figures["confusion"]["tp"] + figures["confusion"]["fn"])


def by_condition(candidate: Candidate) -> dict[str, float]:
    """A candidate's AUROC under each condition, the worst first."""
    ordered: list[tuple[str, float]] = sorted(candidate.auroc.items(), key=lambda item: item[1])
    return dict(ordered)


def condition_name(condition: str, language: str) -> str:
    """A stress condition as people read it; a new one keeps its own name."""
    key = f"evaluation.condition.{condition}"
    return text(language, key) if key in catalogue(language) else condition


def _auroc(value: float) -> str:
    """An AUROC with four decimals: candidates differ by little."""
    return f"{value:.4f}"


def stress_caption(
    chosen: Candidate,
    others: Sequence[Candidate],
    films: int | None,
    language: str,
) -> str:
    """The worst condition in words, and how the next candidate fares in its own.

    Args:
        chosen: The chosen candidate.
        others: The other candidates, the best first.
        films: How many films stand behind each figure; None where that is not known.
        language: A language of the catalogue.
    """
    words = partial(text, language)
    parts = [
        words(
            "evaluation.caption.stress",
            condition=condition_name(chosen.worst_condition, language),
            worst=_auroc(chosen.worst_auroc),
            plain=_auroc(chosen.auroc[PLAIN]),
        )
    ]
    if others:
        parts.append(
            words(
                "evaluation.caption.stress_next",
                runs=others[0].title,
                condition=condition_name(others[0].worst_condition, language),
                worst=_auroc(others[0].worst_auroc),
            )
        )
    n = words("evaluation.caption.stress_n", n=films) if films else ""
    return f"{' '.join(parts)} {words('evaluation.caption.stress_films', n=n)}"


def stress_table(chosen: Candidate, others: Sequence[Candidate], language: str) -> pd.DataFrame:
    """A row a condition, the chosen candidate's worst first; a column a candidate."""
    columns = {
        each.title: [_auroc(each.auroc[name]) for name in by_condition(chosen)]
        for each in (chosen, *others)
    }
    names = [condition_name(name, language) for name in by_condition(chosen)]
    index = pd.Index(names, name=text(language, "evaluation.column.condition"))
    return pd.DataFrame(columns, index=index)


def candidates_table(chosen: Candidate, others: Sequence[Candidate], language: str) -> pd.DataFrame:
    """A row a candidate, the chosen one first and marked in words."""
    words = partial(text, language)
    rows = [
        (
            words("evaluation.choice.chosen", runs=each.title) if each is chosen else each.title,
            _auroc(each.worst_auroc),
            condition_name(each.worst_condition, language),
            _auroc(each.auroc[PLAIN]),
        )
        for each in (chosen, *others)
    ]
    columns = ("candidate", "worst_auroc", "worst_condition", "plain_auroc")
    names = [words(f"evaluation.column.{name}") for name in columns]
    return pd.DataFrame(rows, columns=names).set_index(names[0])


def over_seeds(seeds: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, float | None]]:
    """The mean of each of ``SEED_METRICS`` over seeds, with Student's interval."""
    undefined = {"value": None, "low": None, "high": None}
    return {
        name: mean_over_seeds(values) if len(values) > 1 else undefined
        for name in SEED_METRICS
        for values in [[s[name]["value"] for s in seeds if s[name]["value"] is not None]]
    }


def seeds_table(seeds: Sequence[Mapping[str, Any]], language: str) -> pd.DataFrame:
    """A row a metric: its mean over seeds with Student's interval, and each seed's value."""
    means = over_seeds(seeds)
    columns = {
        text(language, "evaluation.seeds.mean"): [
            with_interval(name, means[name], language) for name in SEED_METRICS
        ],
        text(language, "evaluation.seeds.each"): [
            ", ".join(written(name, seed[name]["value"], language) for seed in seeds)
            for name in SEED_METRICS
        ],
    }
    return pd.DataFrame(columns, index=_metrics_index(SEED_METRICS, language))


def seeds_caption(seeds: Sequence[Mapping[str, Any]], language: str) -> str:
    """The mean accuracy over seeds in words, with its interval and how many seeds and films."""
    accuracy = over_seeds(seeds)["accuracy"]
    values = [seed["accuracy"]["value"] for seed in seeds]
    return text(
        language,
        "evaluation.caption.seeds",
        seeds=len(seeds),
        n=seeds[0]["n"],
        accuracy=written("accuracy", accuracy["value"], language),
        interval=written_interval("accuracy", accuracy, language),
        worst=written("accuracy", min(values), language),
        best=written("accuracy", max(values), language),
    )


def masking_sentence(masking: Masking, method: str, title: str, language: str) -> str:
    """Whether the hottest places of a method's heatmaps carry the score, in words.

    Args:
        masking: What was measured.
        method: One of those that ``lowered`` has.
        title: The name that people read.
        language: A language of the catalogue.
    """
    films = masking.films
    lowered = round(masking.lowered[method] * films)
    return text(
        language,
        "evaluation.masking",
        method=title,
        hot=f"{100 * masking.hot_share:.0f}",
        random=masking.random_masks,
        lowered=lowered,
        films=films,
        **written_share(lowered, films, language),
    )
