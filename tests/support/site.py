"""A made-up site: films as they were read, and the profile fitted on them."""

from functools import cache

import numpy as np
import pandas as pd

from core.data.training_films import TRAINING_COLUMNS
from core.evaluation.commissioning.commission import profile_of
from core.models import ModelCard
from core.models.site import SiteProfile

SITE = "Ward 7, St. Mary's"


def site_films(normal: int = 60, pneumonia: int = 80, shift: float = 0.0) -> pd.DataFrame:
    """Films of a site, two a patient, as ``read_site`` gives them; ``shift`` moves all logits."""
    truth = np.repeat([0, 1], [normal, pneumonia])
    random = np.random.default_rng(0)
    n = len(truth)
    return pd.DataFrame(
        {
            "patient": np.arange(n) // 2,
            "truth": truth,
            "unread": "",
            "stopped": "",
            "logit": 6.0 * (truth - 0.5) + random.normal(scale=2, size=n) + shift,
            "brightness": random.normal(0.5, 0.05, n),
            "lungs": random.normal(0.3, 0.05, n),
            "age_years": random.integers(1, 9, n).astype(float),
            "year": random.choice([2019.0, 2020.0, np.nan], n),
            "view": None,
        }
    )


def training_films() -> pd.DataFrame:
    """What is known of made-up training films: as bright as the site's, with smaller lungs."""
    rows = [
        (measure, label, 100, *(middle + step for step in (-0.09, -0.03, 0, 0.03, 0.09)))
        for measure, middle in (("brightness", 0.5), ("lungs", 0.15))
        for label in ("NORMAL", "PNEUMONIA")
    ]
    return pd.DataFrame(rows, columns=list(TRAINING_COLUMNS))


@cache
def site_profile(card: ModelCard) -> SiteProfile:
    """The profile of a made-up site for a model."""
    films = site_films()
    films.loc[0, "unread"], films.loc[1, "stopped"] = "missing", "population"
    return profile_of(card, films, SITE, training_films(), samples=20)
