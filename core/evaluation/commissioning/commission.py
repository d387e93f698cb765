"""A site's profile from its films and their labels."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from core.data.labels import CLASSES
from core.evaluation.commissioning.figures import calibration, drift, groups, headline
from core.evaluation.commissioning.fit import (
    check_enough,
    films_needed,
    judged,
    out_of_fold,
    width_curve,
)
from core.evaluation.commissioning.labels import read_labels
from core.evaluation.commissioning.reading import read_site
from core.inference.model import Diagnostician
from core.metrics.calibration import ReviewBand, calibrated
from core.metrics.classification import BOOTSTRAP_SAMPLES
from core.models import ModelCard
from core.models.site import SiteProfile
from core.results.data_summary import read_training_films


def commission(diagnostician: Diagnostician, folder: Path, table: Path, site: str) -> SiteProfile:
    """Read a site's films, measure the model on them and fit its settings.

    Args:
        diagnostician: The model, with its shipped settings.
        folder: Where the films are.
        table: Which are to be read, as ``read_labels`` takes it.
        site: The site's name.

    Raises:
        LabelsError: The table cannot be used.
        TooFewFilms: Too few films of a class got a plain reading.
        ValueError: The site's name cannot be used.
    """
    films = read_site(diagnostician, folder, read_labels(table))
    return profile_of(diagnostician.card, films, site, read_training_films())


def profile_of(
    card: ModelCard,
    films: pd.DataFrame,
    site: str,
    training: pd.DataFrame | None,
    samples: int = BOOTSTRAP_SAMPLES,
) -> SiteProfile:
    """A profile from films that were read.

    Args:
        card: Of the model that read them, as it ships.
        films: As ``read_site`` gives them.
        site: The site's name.
        training: What is known of the training films, for drift.
        samples: Bootstrap samples of each interval.

    Raises:
        TooFewFilms: As ``commission``.
        ValueError: As ``commission``.
    """
    read = films[films["unread"] == ""]
    usable = read[read["stopped"] == ""].reset_index(drop=True)
    check_enough(usable)
    temperature, threshold, band = calibrated(usable)
    own_band = ReviewBand(card.review_low, card.review_high, card.review_alpha)
    shipped = judged(usable, card.temperature, card.threshold, own_band)
    fitted = out_of_fold(usable)
    curve = width_curve(usable, samples)
    return SiteProfile(
        site=site,
        date=datetime.now(UTC).date().isoformat(),
        model=card.name,
        version=card.version,
        weights_sha256=card.sha256,
        temperature=temperature,
        threshold=threshold,
        review_low=band.low,
        review_high=band.high,
        review_alpha=band.alpha,
        counts={
            "listed": len(films),
            "films": {
                str(label): int((usable["truth"] == n).sum()) for n, label in enumerate(CLASSES)
            },
            "patients": int(usable["patient"].nunique()),
            "unread": _by_reason(films["unread"]),
            "stopped": _by_reason(films["stopped"]),
        },
        figures={
            "shipped": headline(shipped, samples),
            "site": headline(fitted, samples),
            "groups": groups(fitted, samples),
            "calibration": calibration(fitted),
            "curve": curve,
            "needed": {name: films_needed(curve, name) for name in ("sensitivity", "specificity")},
            "drift": drift(read.dropna(subset=["logit"]), training),
        },
    )


def _by_reason(reasons: pd.Series) -> dict[str, int]:
    counted = Counter(str(reason) for reason in reasons if reason)
    return dict(sorted(counted.items()))
