"""What a trained network makes of its films, written as the files of its run."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data.films import Films
from core.data.folder import Record, manifest_sha256
from core.data.labels import CLASSES
from core.inference.read import read_films
from core.metrics.calibration import balanced_threshold
from core.metrics.classification import all_metrics, with_intervals
from core.metrics.logits import sigmoid
from core.models import Network
from core.models.weights import weights_file
from core.results.evaluations import TEST
from core.results.folder import write_json, write_table
from core.results.predictions import predictions_table
from core.results.progress import PROGRESS_FILE
from core.results.runs import TEST_LOGITS
from core.training.classifier.config import TrainConfig
from core.training.classifier.data_module import trained_films

_PACKAGES = ("torch", "torchvision", "pytorch-lightning", "pillow", "numpy", "scikit-learn")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A trained network with its films.

    Args:
        films: All films, marked by their split.
        config: The run's settings.
        network: In evaluation mode, on the device that it was trained on.
        arithmetic: Lightning's name of the precision that it was trained in, and reads in.
    """

    films: Films
    config: TrainConfig
    network: Network
    arithmetic: str

    def logits(self, films: Films) -> NDArray[np.float32]:
        """What the network makes of films, (N,), not calibrated."""
        fast = "bf16" in self.arithmetic
        return read_films(self.network, self.config.framing, films, fast)

    def read_test_films(self, working: Path) -> None:
        """Write what the network makes of the test films, to be compared with labels later.

        Args:
            working: The run's working folder.
        """
        films = self.films.of_split(TEST)
        if not len(films):
            return
        table = pd.DataFrame({"image": [record.image for record in films.records]})
        table["logit"] = self.logits(films)
        write_table(working / TEST_LOGITS, table)

    def write(self, working: Path, finished: Path) -> None:
        """Read the validation films, write the run, and move it in place.

        Args:
            working: The run's working folder.
            finished: The run folder, which is not there yet.
        """
        held_out = self.films.of_split("validation")
        predictions = predictions_table(held_out.records, self.logits(held_out))
        write_table(working / "predictions.csv", predictions)
        history = pd.read_csv(working / "history.csv")
        summary = {"name": finished.name, **self._summary(predictions, history)}
        self.network.to("cpu")
        weights = weights_file(self.network, half=False)
        (working / "weights.safetensors").write_bytes(weights)
        summary["weights_sha256"] = hashlib.sha256(weights).hexdigest()
        write_json(working / "run.json", summary)
        for left_over in ("last.ckpt", "best.ckpt", "config.json", PROGRESS_FILE):
            (working / left_over).unlink(missing_ok=True)
        finished.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(working, finished)

    def _summary(self, predictions: pd.DataFrame, history: pd.DataFrame) -> dict[str, Any]:
        """What run.json says, but for name and weights."""
        records = self.films.records
        pool = [record for record in records if record.split != TEST]
        used = {records[place].image for place in trained_films(records, self.config)}
        seen = [r for r in pool if r.split == "validation" or r.image in used]
        best = int(history["val_loss"].idxmin())
        threshold = balanced_threshold(predictions)
        return {
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "training_seconds": round(float(history["seconds"].sum())),
            "config": asdict(self.config),
            "precision": self.arithmetic,
            "versions": {package: version(package) for package in _PACKAGES},
            "data": {"manifest_sha256": manifest_sha256(pool), "splits": _sizes(seen)},
            "epochs_run": len(history),
            "best_epoch": int(history["epoch"][best]),
            "converged": best < len(history) - 1,
            "val_loss": float(history["val_loss"][best]),
            "parameters": sum(part.numel() for part in self.network.parameters()),
            "threshold": threshold,
            "metrics": {
                "train": self._fitted(len(predictions)),
                "validation": with_intervals(predictions, threshold),
            },
        }

    def _fitted(self, most: int) -> dict[str, Any]:
        """How well real training films are known: ``n``, ``log_loss`` and ``auroc``, not augmented.

        Args:
            most: How many films are read, evenly spaced; fewer where there are fewer.
        """
        records = self.films.records
        used = [p for p in trained_films(records, self.config) if records[p].split == "train"]
        spaced = np.linspace(0, len(used) - 1, min(most, len(used))).astype(int)
        films = self.films.some([used[place] for place in spaced])
        table = predictions_table(films.records, self.logits(films))
        figures = all_metrics(table["truth"].to_numpy(), sigmoid(table["logit"]), 0.5)
        return {"n": len(films)} | {
            name: {"value": round(figures[name], 6)} for name in ("log_loss", "auroc")
        }


def _sizes(records: Sequence[Record]) -> dict[str, dict[str, int]]:
    """Films a class, and patients, of each split."""
    sizes: dict[str, dict[str, int]] = {}
    for split in dict.fromkeys(record.split for record in records):
        members = [record for record in records if record.split == split]
        sizes[split] = {
            **{label.value: sum(record.label == label for record in members) for label in CLASSES},
            "patients": len({record.patient for record in members}),
        }
    return sizes
