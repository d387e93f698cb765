"""Review, groups, views, stress and choice of a model: tables, and a sentence on its heatmaps."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from core.messages.catalogue import catalogue, text
from core.metrics.rates import wilson_of
from core.reporting.numbers import written, written_interval, written_share
from core.results.model_records import Candidate, Masking

if TYPE_CHECKING:
    import pandas as pd

RATES = ("accuracy", "sensitivity", "specificity")
GROUPS = ("bacteria", "virus", "shared_number", "own_number")
PLAIN = "plain"


def has_review(summary: Mapping[str, Any]) -> bool:
    """Whether an evaluation tells of a review band that held films, and of the rest of them."""
    review = summary.get("review")
    return bool(review and review["n"] and review["rest"])


def review_table(summary: Mapping[str, Any], language: str) -> "pd.DataFrame":
    """A row a rate: of all films, and of those outside the review band, with intervals."""
    import pandas as pd

    columns = {"all": summary, "rest": summary["review"]["rest"]}
    names = [text(language, f"metric.name.{name}") for name in RATES]
    return pd.DataFrame(
        {
            text(language, f"evaluation.review.{key}"): [
                with_interval(name, figures[name], language) for name in RATES
            ]
            for key, figures in columns.items()
        },
        index=pd.Index(names, name=text(language, "metric.table.metric")),
    )


def with_interval(metric: str, figures: Mapping[str, Any], language: str) -> str:
    """A metric's value and its interval, as one entry of a table."""
    value = written(metric, figures["value"], language)
    if figures["value"] is None:
        return value
    return f"{value} ({written_interval(metric, figures, language)})"


def groups_of(summary: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The groups of pneumonias that an evaluation tells apart, in the order of ``GROUPS``."""
    known = summary.get("subgroups") or {}
    return {name: known[name] for name in GROUPS if name in known}


def group_name(group: str, language: str) -> str:
    """A group of pneumonias as people read it."""
    return text(language, f"evaluation.group.{group}")


def subgroups_table(summary: Mapping[str, Any], language: str) -> "pd.DataFrame":
    """A row a group of pneumonias: how many, sensitivity and AUROC, with intervals."""
    import pandas as pd

    groups, words = groups_of(summary), partial(text, language)
    rows = [
        (
            f"{_pneumonias(each):,}",
            with_interval("sensitivity", found_share(each), language),
            with_interval("auroc", each["auroc"], language),
        )
        for each in groups.values()
    ]
    names = [group_name(name, language) for name in groups]
    return pd.DataFrame(
        rows,
        columns=["n", words("metric.name.sensitivity"), words("metric.name.auroc")],
        index=pd.Index(names, name=words("evaluation.group_table.group")),
    )


def views_table(summary: Mapping[str, Any], language: str) -> "pd.DataFrame":
    """All films of a set, those of each view, and what a thumbnail scores; a dash is unmeasured.

    Args:
        summary: Of a set from elsewhere, with ``views`` and ``thumbnail`` where they were measured.
        language: A language of the catalogue.
    """
    import pandas as pd

    words = partial(text, language)
    views = summary.get("views") or {"AP": None, "PA": None}
    thumbnail = summary.get("thumbnail")
    side = thumbnail["side_px"] if thumbnail else 8
    parts: dict[str, Any] = {words("evaluation.views.all"): summary}
    parts |= {words("evaluation.views.view", view=view): views[view] for view in views}
    parts[words("evaluation.views.thumbnail", side=side)] = thumbnail
    rows = [
        (
            f"{each['n']:,}" if each and "n" in each else "–",
            with_interval("auroc", each["auroc"], language) if each else "–",
        )
        for each in parts.values()
    ]
    index = pd.Index(list(parts), name=words("evaluation.views.films"))
    return pd.DataFrame(rows, columns=["n", words("metric.name.auroc")], index=index)


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


def stress_caption(chosen: Candidate, films: int | None, language: str) -> str:
    """The worst condition in words.

    Args:
        chosen: The chosen candidate.
        films: How many films stand behind each figure; None where that is not known.
        language: A language of the catalogue.
    """
    return text(
        language,
        "evaluation.caption.stress",
        condition=condition_name(chosen.worst_condition, language),
        worst=written("auroc", chosen.worst_auroc, language),
        plain=written("auroc", chosen.auroc[PLAIN], language),
        n=f", n = {films:,}" if films else "",
    )


def candidates_table(
    chosen: Candidate, others: Sequence[Candidate], language: str
) -> "pd.DataFrame":
    """A row a candidate, the chosen one first and marked in words."""
    import pandas as pd

    words = partial(text, language)
    rows = [
        (
            words("evaluation.choice.chosen", runs=each.title) if each is chosen else each.title,
            f"{each.worst_auroc:.4f}",
            condition_name(each.worst_condition, language),
            f"{each.auroc[PLAIN]:.4f}",
        )
        for each in (chosen, *others)
    ]
    columns = ("candidate", "worst_auroc", "worst_condition", "plain_auroc")
    names = [words(f"evaluation.column.{name}") for name in columns]
    return pd.DataFrame(rows, columns=names).set_index(names[0])


def masking_sentence(masking: Masking, method: str, title: str, language: str) -> str:
    """Whether the hottest places of a method's heatmaps carry the score, in words.

    Args:
        masking: What was measured.
        method: One of those that ``lowered`` has.
        title: The name that people read.
        language: A language of the catalogue.
    """
    lowered = round(masking.lowered[method] * masking.films)
    return text(
        language,
        "evaluation.masking",
        method=title,
        hot=f"{100 * masking.hot_share:.0f}",
        random=masking.random_masks,
        lowered=lowered,
        films=masking.films,
        **written_share(lowered, masking.films, language),
    )
