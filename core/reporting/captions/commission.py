"""A site's profile: its tables and sentences."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from core.messages.catalogue import text
from core.models.site import SiteProfile
from core.reporting.captions.evidence import with_interval
from core.reporting.markdown import table as markdown_table
from core.reporting.numbers import percent, written

FIGURES = ("sensitivity", "specificity", "auroc", "ece")
SETTINGS = ("shipped", "site")


def headline_words(profile: SiteProfile, language: str) -> str:
    """What the site's settings were fitted on."""
    return text(
        language,
        "commission.headline",
        site=profile.site,
        films=f"{profile.films:,}",
        patients=f"{profile.counts['patients']:,}",
    )


def headline_table(profile: SiteProfile, language: str) -> pd.DataFrame:
    """A row a figure: with the shipped settings, and with the site's out of fold."""
    words = partial(text, language)
    names = [words(f"metric.name.{name}") for name in FIGURES]
    columns = {}
    for settings in SETTINGS:
        figures = profile.figures[settings]
        rows = [with_interval(name, figures[name], language) for name in FIGURES]
        rest = figures["rest"]
        rows += [
            with_interval("accuracy", figures["review"], language),
            with_interval("accuracy", rest["accuracy"], language) if rest else "–",
        ]
        columns[words(f"commission.settings.{settings}")] = rows
    names += [words("commission.review"), words("commission.rest")]
    return pd.DataFrame(columns, index=pd.Index(names, name=words("metric.table.metric")))


def stopped_words(profile: SiteProfile, language: str) -> str:
    """How many of the listed films got no plain reading, by reason."""
    counts = profile.counts
    reasons = {**counts["unread"], **counts["stopped"]}
    told = ", ".join(
        text(language, f"commission.reason.{reason}", n=n) for reason, n in reasons.items()
    )
    return text(
        language,
        "commission.stopped" if told else "commission.none_stopped",
        n=sum(reasons.values()),
        listed=counts["listed"],
        reasons=told,
    )


def needed_words(profile: SiteProfile, language: str) -> str:
    """How wide the intervals are, and how many films narrow ones would take."""
    last, needed = profile.figures["curve"][-1], profile.figures["needed"]
    return text(
        language,
        "commission.needed",
        films=f"{profile.films:,}",
        sensitivity=f"{100 * last['sensitivity']:.1f}",
        specificity=f"{100 * last['specificity']:.1f}",
        n=f"{max(needed.values()):,}",
    )


def settings_words(profile: SiteProfile, language: str) -> str:
    """The fitted settings in one line."""
    return text(
        language,
        "commission.fitted",
        threshold=percent(profile.threshold, language),
        low=percent(profile.review_low, language),
        high=percent(profile.review_high, language),
        temperature=f"{profile.temperature:.3g}",
        model=f"{profile.model} {profile.version}",
        date=profile.date,
        sha256=profile.sha256[:12],
    )


def groups_table(profile: SiteProfile, language: str) -> pd.DataFrame:
    """A row a group with its figures, out of fold."""
    words = partial(text, language)
    groups = profile.figures["groups"]
    rows = [
        (
            f"{each['n']:,}",
            *(with_interval(name, each[name], language) for name in FIGURES[:2]),
        )
        for each in groups
    ]
    names = [_group_name(each, language) for each in groups]
    columns = ["n", *(words(f"metric.name.{name}") for name in FIGURES[:2])]
    index = pd.Index(names, name=words("commission.group.title"))
    return pd.DataFrame(rows, columns=columns, index=index)


def _group_name(group: Mapping[str, Any], language: str) -> str:
    if group["kind"] == "year":
        return str(group["name"])
    return text(language, f"commission.{group['kind']}.{group['name']}")


def drift_table(profile: SiteProfile, language: str) -> pd.DataFrame:
    """A row a measure and class: the training films' middle and range, and the site's."""
    words = partial(text, language)
    drift = profile.figures["drift"]
    rows = [
        (
            _range(each["training"]),
            _range(each["site"]),
            percent(each["outside"], language),
        )
        for each in drift
    ]
    names = [
        f"{words(f'commission.measure.{measure}')}, {words(f'metric.class.{label}')}"
        for measure, label in ((each["measure"], each["label"]) for each in drift)
    ]
    columns = [words(f"commission.drift.{name}") for name in ("training", "site", "outside")]
    index = pd.Index(names, name=words("commission.drift.title"))
    return pd.DataFrame(rows, columns=columns, index=index)


def _range(percentiles: list[float]) -> str:
    """The median, and from the 5th to the 95th percentile in brackets."""
    first, *_, last = percentiles
    return f"{percentiles[len(percentiles) // 2]:.2f} ({first:.2f}–{last:.2f})"


def curve_words(profile: SiteProfile, language: str) -> str:
    """The curve of interval widths, for who cannot see it."""
    return " ".join(
        text(
            language,
            "commission.curve.point",
            films=f"{point['films']:,.0f}",
            sensitivity=percent(point["sensitivity"], language),
            specificity=percent(point["specificity"], language),
        )
        for point in profile.figures["curve"]
    )


def calibration_words(profile: SiteProfile, language: str) -> str:
    """The reliability diagram, for who cannot see it."""
    ece = profile.figures["site"]["ece"]
    return text(
        language,
        "commission.calibration",
        ece=written("ece", ece["value"], language),
        n=profile.films,
    )


def profile_text(profile: SiteProfile, language: str) -> str:
    """All of it as Markdown, for the command line."""
    parts = [
        headline_words(profile, language),
        stopped_words(profile, language),
        _markdown(headline_table(profile, language)),
        settings_words(profile, language),
        needed_words(profile, language),
        curve_words(profile, language),
    ]
    tables = (groups_table(profile, language), drift_table(profile, language))
    parts += [_markdown(table) for table in tables if len(table)]
    parts.append(text(language, "diagnosis.not_device"))
    return "\n\n".join(parts)


def _markdown(table: pd.DataFrame) -> str:
    cells = table.reset_index()
    return markdown_table([str(name) for name in cells], cells.astype(str).to_numpy().tolist())
