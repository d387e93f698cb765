"""Films and what a model says of them, as tables."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data.folder import Record
from core.data.labels import target_of

PREDICTION_COLUMNS = ("image", "patient", "split", "truth", "logit")


def films_table(records: Sequence[Record]) -> pd.DataFrame:
    """Films as a table: ``image``, ``patient``, ``split`` and ``truth``, a row a film."""
    return pd.DataFrame(
        {
            "image": [record.image for record in records],
            "patient": [record.patient for record in records],
            "split": [record.split for record in records],
            "truth": [int(target_of(record.label)) for record in records],
        }
    )


def predictions_table(records: Sequence[Record], logits: NDArray[np.float32]) -> pd.DataFrame:
    """Predictions as a table with the columns of predictions.csv.

    Args:
        records: The N films.
        logits: (N,), of pneumonia, in the same order.
    """
    return films_table(records).assign(logit=logits)
