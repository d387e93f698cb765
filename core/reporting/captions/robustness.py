"""How far a verdict rests on the lungs, in words and tables: frames and heat."""

import pandas as pd

from core.messages.catalogue import text
from core.reporting.captions.evidence import condition_name, with_interval
from core.reporting.numbers import written, written_interval
from core.results.robustness import ALL_FRAMES, OUTCOMES, FrameFigures, HeatInside


def frames_table(measured: FrameFigures, language: str) -> pd.DataFrame:
    """A row a frame, all of them together last: how often the verdict stays, with intervals.

    Args:
        measured: What frames do to a model's verdict.
        language: A language of the catalogue.
    """
    columns = {
        text(language, f"evaluation.frames.{outcome}"): [
            with_interval("accuracy", figures[outcome], language)
            for figures in measured.frames.values()
        ]
        for outcome in OUTCOMES
    }
    index = pd.Index(
        [_frame_name(frame, language) for frame in measured.frames],
        name=text(language, "evaluation.frames.frame"),
    )
    return pd.DataFrame(columns, index=index)


def _frame_name(frame: str, language: str) -> str:
    if frame == ALL_FRAMES:
        return text(language, "evaluation.frames.all")
    return condition_name(frame, language)


def frames_caption(measured: FrameFigures, dataset: str, language: str) -> str:
    """On how many films the frames were measured, and what the columns mean.

    Args:
        measured: What frames do to a model's verdict.
        dataset: The set's name, as people read it.
        language: A language of the catalogue.
    """
    return text(
        language,
        "evaluation.frames.about",
        films=measured.films,
        dataset=dataset,
    )


def heat_sentence(figures: HeatInside, method: str, dataset: str, language: str) -> str | None:
    """Where the heat of pneumonias lies, in words; None where none has any.

    Args:
        figures: Of a set.
        method: The heatmap's, as people read it.
        dataset: The set's name, as people read it.
        language: A language of the catalogue.
    """
    if figures.share is None or figures.hottest is None:
        return None
    return text(
        language,
        "evaluation.heat",
        method=method,
        dataset=dataset,
        n=figures.share["n"],
        share=written("accuracy", figures.share["value"], language),
        share_interval=written_interval("accuracy", figures.share, language),
        hottest=written("accuracy", figures.hottest["value"], language),
        hottest_interval=written_interval("accuracy", figures.hottest, language),
    )
