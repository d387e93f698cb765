"""An ensemble with another seed of each member, from what those were measured to say.

The weights of other seeds do not ship, but their predictions are in ``results/evaluations``, and
the mean of logits needs no more.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.evaluation.readings import readings_of
from core.evaluation.selection import other_seed
from core.messages.errors import EvaluationMissing
from core.metrics.calibration import calibrated
from core.models import ModelCard
from core.models.weights import joined_sha256
from core.results.evaluations import read_evaluations
from core.results.model_records import SEED_SIGN


def with_seed(
    card: ModelCard, seed: int, dataset: str, results: Path
) -> tuple[ModelCard, pd.DataFrame]:
    """The card that an ensemble would have with one seed of every member, and its predictions.

    Temperature, operating point and review band are fitted as ``python -m core publish`` fits them.

    Args:
        card: Of an ensemble that ships.
        seed: The members'.
        dataset: A set that ``MEMBER@SEED`` was measured on.
        results: Folder of results.

    Raises:
        RunMissing: A member's recipe was not trained with that seed.
        StressMissing: It was not measured under stress.
        EvaluationMissing: Or not on that set, or with another calibration than its stress gives;
            or the model is no ensemble.
    """
    if not card.members:
        raise EvaluationMissing(model=f"{card.name}{SEED_SIGN}{seed}", dataset=dataset)
    runs = [other_seed(run, seed, results) for run in card.runs]
    logits, hashes = [], []
    for member, run in zip(card.members, runs, strict=True):
        name = f"{member}{SEED_SIGN}{seed}"
        measured = read_evaluations(name, results).get(dataset)
        if measured is None:
            raise EvaluationMissing(model=name, dataset=dataset)
        with_series = measured.summary.get("with_series", ())
        temperature, threshold, _ = calibrated(readings_of([run], results, with_series))
        if measured.summary["threshold"] != threshold:
            raise EvaluationMissing(model=name, dataset=dataset)
        predictions = measured.predictions
        logits.append(predictions.set_index("image")["logit"] * temperature)
        hashes.append(measured.summary["weights_sha256"])
    temperature, threshold, band = calibrated(readings_of(runs, results, card.with_series))
    mean = np.mean([each[predictions["image"]] for each in logits], axis=0)
    own = replace(
        card,
        name=f"{card.name}{SEED_SIGN}{seed}",
        sha256=joined_sha256(hashes),
        temperature=temperature,
        threshold=threshold,
        review_low=band.low,
        review_high=band.high,
        review_alpha=band.alpha,
        run="+".join(runs),
    )
    return own, predictions.assign(logit=mean / temperature)
