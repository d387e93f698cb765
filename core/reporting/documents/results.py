"""Tables of the evaluations of the shipped models."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.messages.catalogue import text
from core.models import load_card
from core.reporting.documents.published import own_models
from core.reporting.markdown import NOTHING, figure, table
from core.results.evaluations import read_evaluations
from core.results.load import name_of, read_load

COLUMNS = ("accuracy", "sensitivity", "specificity", "auroc", "ece")


def default_table(language: str) -> str:
    """The README's table: the default model on every set, its operating point, band and speed."""
    model = own_models()[0]
    summaries = [found.summary for found in read_evaluations(model).values()]
    if not summaries:
        return text(language, "readme.none")
    card = load_card(model)
    rows = [
        [_films(summary, language), *(figure(summary[name]) for name in COLUMNS), _share(summary)]
        for summary in summaries
    ]
    heads = [text(language, f"readme.{name}") for name in ("films", *COLUMNS, "review.share")]
    said = text(
        language,
        "readme.default",
        model=f"{card.name} {card.version}",
        threshold=f"{card.threshold:.3f}",
        low=f"{card.review_low:.3f}",
        high=f"{card.review_high:.3f}",
    )
    return "\n\n".join(filter(None, (table(heads, rows), said, _speed(language))))


def _speed(language: str) -> str:
    """How long a film takes on the page, where that was measured."""
    run = read_load().get(name_of(browsers=1))
    if run is None:
        return ""
    return text(language, "readme.speed", cores=run.cores, seconds=f"{run.median_s:.2f}")


def results_table(language: str) -> str:
    """Every evaluation of every shipped model, or a line that there is none."""
    rows = [
        [_model(summary), _films(summary, language), *(figure(summary[name]) for name in COLUMNS)]
        for summary in _summaries()
    ]
    if not rows:
        return text(language, "readme.none")
    return table([text(language, f"readme.{name}") for name in ("model", "films", *COLUMNS)], rows)


def review_table(language: str) -> str:
    """What each model sends to review, or a line that it was not measured."""
    rows = [
        [
            _model(summary),
            _films(summary, language),
            _share(summary),
            figure((summary["review"]["rest"] or {}).get("accuracy")),
            figure(summary["accuracy"]),
        ]
        for summary in _summaries()
        if "review" in summary
    ]
    if not rows:
        return text(language, "readme.review.none")
    heads = [text(language, f"readme.{name}") for name in ("model", "films")]
    heads += [text(language, f"readme.review.{name}") for name in ("share", "rest", "all")]
    return table(heads, rows)


def _summaries() -> Iterator[Mapping[str, Any]]:
    for model in own_models():
        for evaluation in read_evaluations(model).values():
            yield evaluation.summary


def _model(summary: Mapping[str, Any]) -> str:
    return f"{summary['model']} {summary['version']}"


def _films(summary: Mapping[str, Any], language: str) -> str:
    return text(
        language,
        "readme.set",
        name=summary["dataset"],
        n=summary["n"],
        patients=summary["patients"],
    )


def _share(summary: Mapping[str, Any]) -> str:
    return f"{summary['review']['share']:.3f}" if "review" in summary else NOTHING
