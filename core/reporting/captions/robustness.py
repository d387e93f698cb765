"""How far a verdict rests on the lungs, in words and tables: frames, heat and thumbnails."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from core.messages.catalogue import text
from core.reporting.captions.evidence import condition_name, with_interval
from core.reporting.numbers import written, written_interval

ALL_FRAMES = "all"
OUTCOMES = ("unchanged", "class_changed", "silent")


def frames_table(measured: Mapping[str, Any], language: str) -> pd.DataFrame:
    """A row a frame, all of them together last: how often the verdict stays, with intervals.

    Args:
        measured: As ``core.results.model_records.frames_of`` gives it.
        language: A language of the catalogue.
    """
    frames: Mapping[str, Any] = measured["frames"]
    columns = {
        text(language, f"evaluation.frames.{outcome}"): [
            with_interval("accuracy", figures[outcome], language) for figures in frames.values()
        ]
        for outcome in OUTCOMES
    }
    index = pd.Index(
        [_frame_name(frame, language) for frame in frames],
        name=text(language, "evaluation.frames.frame"),
    )
    return pd.DataFrame(columns, index=index)


def _frame_name(frame: str, language: str) -> str:
    if frame == ALL_FRAMES:
        return text(language, "evaluation.frames.all")
    return condition_name(frame, language)


def frames_caption(measured: Mapping[str, Any], dataset: str, language: str) -> str:
    """On how many films the frames were measured, and what the columns mean.

    Args:
        measured: As ``core.results.model_records.frames_of`` gives it.
        dataset: The set's name, as people read it.
        language: A language of the catalogue.
    """
    return text(
        language,
        "evaluation.frames.about",
        films=measured["films"],
        patients=measured["patients"],
        dataset=dataset,
    )


def heat_sentence(figures: Mapping[str, Any], method: str, dataset: str, language: str) -> str:
    """Where the heat of pneumonias lies, in words.

    Args:
        figures: Of a set, as ``core.results.model_records.heat_of`` gives them, with heat.
        method: The heatmap's, as people read it.
        dataset: The set's name, as people read it.
        language: A language of the catalogue.
    """
    words = {
        name: written("accuracy", figures[name]["value"], language) for name in ("share", "hottest")
    }
    intervals = {
        f"{name}_interval": written_interval("accuracy", figures[name], language) for name in words
    }
    n = figures["share"]["n"]
    return text(
        language,
        "evaluation.heat",
        method=method,
        dataset=dataset,
        n=n,
        without=figures["without_heat"],
        **words,
        **intervals,
    )


def thumbnail_sentence(summary: Mapping[str, Any], language: str) -> str | None:
    """What a set's thumbnails give away, in words; None where it was not measured."""
    thumbnail = summary.get("thumbnail")
    if not thumbnail:
        return None
    return text(
        language,
        "evaluation.thumbnail",
        side=thumbnail["side_px"],
        folds=thumbnail["folds"],
        auroc=written("auroc", thumbnail["auroc"]["value"], language),
        interval=written_interval("auroc", thumbnail["auroc"], language),
        views=text(language, f"evaluation.views.{'known' if summary.get('views') else 'unknown'}"),
    )
