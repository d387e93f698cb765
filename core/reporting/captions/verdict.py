"""What a verdict on one film means, by figures measured on the test films."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from core.data.labels import Verdict
from core.imaging import FilmFacts, Notice
from core.inference.diagnosis import Diagnosis
from core.messages.catalogue import text
from core.metrics.logits import sigmoid
from core.models.site import SiteProfile
from core.reporting.numbers import percent, written, written_interval, written_share
from core.results.evaluations import TEST, Scores, read_metrics, read_scores

STEPS = 20
"""The probability in steps of 5 %, so that every edge is a whole percentage."""

FEWEST = 20
"""Films that a neighbourhood needs before their share says anything."""

WIDEST_REACH = 3
"""Steps that a neighbourhood may reach to either side."""

_NEARLY_SURE = 0.999


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Measured films whose probability lies near a film's.

    Args:
        films: How many.
        pneumonias: How many of them are pneumonia.
        low: They scored from here, 0 to 1 ...
        high: ... to under here; to 1 where it is 1.
    """

    films: int
    pneumonias: int
    low: float
    high: float


def neighbours(films: Scores, probability: float) -> Neighbours:
    """The films that scored like this one, the nearest that are at least ``FEWEST``.

    Those within the same 5 % come first; where they are too few, one step more to either side is
    taken, up to ``WIDEST_REACH``.

    Args:
        films: That were measured.
        probability: Of the film, calibrated.
    """
    steps = np.minimum((sigmoid(films.logit) * STEPS).astype(int), STEPS - 1)
    own = min(int(probability * STEPS), STEPS - 1)
    for reach in range(WIDEST_REACH + 1):
        first, last = max(own - reach, 0), min(own + reach, STEPS - 1)
        near = (first <= steps) & (steps <= last)
        if near.sum() >= FEWEST:
            break
    pneumonias = int(films.truth[near].sum())
    return Neighbours(int(near.sum()), pneumonias, first / STEPS, (last + 1) / STEPS)


def probability_words(probability: float, language: str) -> str:
    """A film's probability, as people read it; never as certain as 0 or 100 %.

    Examples:
        >>> probability_words(0.99987, "ko"), probability_words(0.4321, "ko")
        ('99.9% 초과', '43.2%')
    """
    if probability > _NEARLY_SURE:
        return text(language, "diagnosis.over", percent=percent(_NEARLY_SURE, language))
    if probability < 1 - _NEARLY_SURE:
        return text(language, "diagnosis.under", percent=percent(1 - _NEARLY_SURE, language))
    return percent(probability, language)


def called_words(
    verdict: Verdict,
    review: tuple[float, float],
    language: str,
    reasons: Sequence[Notice] = (),
) -> str:
    """Why the film got its verdict.

    Args:
        verdict: The verdict.
        review: The review band; where it is empty, both its ends are the operating point.
        language: A language of the catalogue.
        reasons: Why there is no plain verdict whatever the probability; they go first and alone.
    """
    if reasons:
        return " ".join(reason.message(language) for reason in reasons)
    low, high = (percent(edge, language) for edge in review)
    return text(language, f"diagnosis.meaning.{verdict.lower()}", low=low, high=high)


def worth_words(diagnosis: Diagnosis, model: str, language: str) -> str:
    """What such a verdict is worth, in figures measured on the test films where there are any.

    Args:
        diagnosis: Of the film.
        model: The name of the shipped model that made it.
        language: A language of the catalogue.
    """
    if diagnosis.reasons:
        return text(language, "diagnosis.meaning.not_applicable")
    if diagnosis.set_by:
        return measured_at_site(diagnosis.set_by, language)
    test = _test_of(diagnosis, model)
    if test is None:
        return text(language, "diagnosis.meaning.unmeasured")
    films = read_scores(model, TEST)
    near = neighbours_words(neighbours(films, diagnosis.probability), len(films), language)
    return f"{near} {measured_words(test, language)}"


def short_worth_words(diagnosis: Diagnosis, model: str, language: str) -> str:
    """What such a verdict is worth, in one sentence of natural frequencies.

    Args:
        diagnosis: Of the film.
        model: The name of the shipped model that made it.
        language: A language of the catalogue.
    """
    site = site_words(diagnosis, language)
    if diagnosis.reasons:
        return f"{text(language, 'diagnosis.short.radiologist')} {site}".strip()
    if diagnosis.set_by and diagnosis.verdict is not Verdict.REVIEW:
        return site
    if diagnosis.set_by:
        return f"{text(language, 'diagnosis.short.radiologist')} {site}"
    return f"{_short_test_words(diagnosis, model, language)} {site}".strip()


def _test_of(diagnosis: Diagnosis, model: str) -> Mapping[str, Any] | None:
    """The metrics on the test films; None where the weights of a diagnosis were not measured."""
    test = read_metrics(model, TEST)
    return test if test and test["weights_sha256"] == diagnosis.weights_sha256 else None


def _short_test_words(diagnosis: Diagnosis, model: str, language: str) -> str:
    """What such a verdict is worth by the test films."""
    if _test_of(diagnosis, model) is None:
        return text(language, "diagnosis.meaning.unmeasured")
    near = neighbours(read_scores(model, TEST), diagnosis.probability)
    if near.films < FEWEST:
        worth = text(language, "diagnosis.short.few_near", n=near.films)
    else:
        share = in_100(near.pneumonias, near.films)
        worth = text(language, "diagnosis.short.near", in_100=share)
    if diagnosis.verdict is Verdict.REVIEW:
        return f"{text(language, 'diagnosis.short.radiologist')} {worth}"
    return worth


def site_words(diagnosis: Diagnosis, language: str) -> str:
    """Whose operating point it is, where a site's profile is in use; else nothing."""
    notice = diagnosis.site_notice
    return notice.message(language) if notice else ""


def measured_at_site(site: SiteProfile, language: str) -> str:
    """How the site's settings fared on its own films, each read out of fold."""
    figures = site.figures["site"]
    return text(
        language,
        "diagnosis.site.measured",
        site=site.site,
        sensitivity=written("sensitivity", figures["sensitivity"]["value"], language),
        specificity=written("specificity", figures["specificity"]["value"], language),
        share=percent(figures["review"]["value"], language),
    )


def calibrated_words(diagnosis: Diagnosis, language: str) -> str:
    """What a probability means, and on which films that was fitted."""
    if site := diagnosis.set_by:
        return text(language, "diagnosis.site.calibrated", site=site.site)
    return text(language, "diagnosis.calibrated")


def review_words(review: tuple[float, float], language: str) -> str:
    """The review band in whole percent; the word alone where it is empty."""
    low, high = review
    if low >= high:
        return ""
    return text(language, "diagnosis.zone.review", low=f"{100 * low:.0f}", high=f"{100 * high:.0f}")


def figures_words(diagnosis: Diagnosis, language: str) -> str:
    """A verdict's figures in one line: probability, review band, operating point, heat in lungs."""
    low, high = (percent(edge, language) for edge in diagnosis.review)
    probability = probability_words(diagnosis.probability, language).replace("**", "")
    heat = percent(diagnosis.heat_in_lungs, language)
    return " · ".join(
        (
            text(language, "diagnosis.probability", percent=probability),
            text(language, "diagnosis.review_band", low=low, high=high),
            text(
                language,
                "diagnosis.operating_point",
                percent=percent(diagnosis.threshold, language),
            ),
            text(language, "diagnosis.heat_in_lungs", percent=heat),
        )
    ).replace("**", "")


def facts_words(facts: FilmFacts, language: str) -> str:
    """What is known of a film, in one line.

    Examples:
        >>> facts_words(FilmFacts("DICOM", 3, 2, bits=12, modality="DX", age_years=4.0), "ko")
        'DICOM 3 × 2, 12 bit · DX · 4.0세'
    """
    known = [f"{facts.format} {facts.width_px} × {facts.height_px}, {facts.bits} bit"]
    known += [name for name in (facts.modality, facts.view) if name]
    if facts.age_years is not None:
        known.append(text(language, "diagnosis.age", years=f"{facts.age_years:.1f}"))
    known += [text(language, f"viewer.orientation.{name}") for name in facts.orientation.names]
    return " · ".join(known)


def measured_words(test: Mapping[str, Any], language: str) -> str:
    """How the operating point, and the review band where there is one, fared on the test films.

    Args:
        test: What ``python -m core evaluate`` writes of the test set.
        language: A language of the catalogue.
    """
    words = partial(text, language)
    review = test.get("review")
    if not review or not review["n"] or not review["rest"]:
        return words(
            "diagnosis.meaning.measured",
            n=test["n"],
            sensitivity=written("sensitivity", test["sensitivity"]["value"], language),
            specificity=written("specificity", test["specificity"]["value"], language),
        )
    rest = review["rest"]
    return words(
        "diagnosis.meaning.measured_review",
        n=test["n"],
        share=percent(review["share"], language),
        rest=rest["n"],
        accuracy=written("accuracy", rest["accuracy"]["value"], language),
        interval=written_interval("accuracy", rest["accuracy"], language),
    )


def neighbours_words(found: Neighbours, films: int, language: str) -> str:
    """How often films that scored like this one are pneumonia.

    Args:
        found: The films near it.
        films: How many were measured in all.
        language: A language of the catalogue.
    """
    edges = {"low": f"{100 * found.low:.0f}", "high": f"{100 * found.high:.0f}"}
    if found.films < FEWEST:
        return text(language, "diagnosis.meaning.few_near", films=films, n=found.films, **edges)
    return text(
        language,
        "diagnosis.meaning.near",
        in_100=in_100(found.pneumonias, found.films),
        n=found.films,
        pneumonias=found.pneumonias,
        interval=written_share(found.pneumonias, found.films, language)["interval"],
        **edges,
    )


def in_100(part: int, whole: int) -> int:
    """A share as so many of a hundred; none and all only where it was none and all.

    Examples:
        >>> in_100(299, 300), in_100(300, 300), in_100(1, 3)
        (99, 100, 33)
    """
    share = round(100 * part / whole)
    return min(max(share, int(part > 0)), 100 - int(part < whole))
