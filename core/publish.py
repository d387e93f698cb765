"""Ship a run's network: ``python -m core.publish --help``.

Everything that the card says is chosen on the films held out of the run's training.
"""

import argparse
import hashlib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.dataset import load_pixels
from core.data.folder import Record, data_folder, held_out, required
from core.errors import ReadingRoomError
from core.inference import in_batches, read_with_evidence
from core.metrics import VALIDATION_SENSITIVITY, threshold_at_sensitivity
from core.models import ModelCard, Network, build_network
from core.models.weights import WEIGHTS_FOLDER, network_of, save_card, weights_file
from core.preprocess import to_tensor
from core.results import predictions_table, read_run, results_folder

CAM_PERCENTILE = 99


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core.publish",
        description="Ship a run's network: weights in float16 and their card, with the operating "
        "point and the scale of its heatmaps chosen on the run's validation films.",
    )
    options.add_argument("run", help="the run's name")
    options.add_argument("--name", required=True, help="the model's name")
    options.add_argument("--version", required=True, help="the version of these weights")
    options.add_argument("--data", type=Path, default=data_folder(), help="the data folder")
    options.add_argument("--results", type=Path, default=results_folder(), help="folder of results")
    options.add_argument("--weights", type=Path, default=WEIGHTS_FOLDER, help="where models ship")
    return options


def publish(
    run_name: str, name: str, version: str, data: Path, results: Path, weights: Path
) -> ModelCard:
    """Write a model's weights and card.

    Args:
        run_name: The finished run, whose folder still holds its weights.
        name: The model's name.
        version: The version of these weights.
        data: The data folder that the run was trained on.
        results: Folder of results.
        weights: Folder that models ship in.

    Raises:
        RunMissing: There is no such run.
        WeightsMissing: The run's folder holds no weights.
        DataError: The data folder is not the run's.
    """
    run = read_run(results / "runs" / run_name)
    config = run.summary["config"]
    architecture, size_px = config["architecture"], config["size_px"]
    trained = build_network(
        architecture, size_px, init=str(results / "runs" / run_name / "weights.safetensors")
    )
    file = weights_file(trained, half=True)
    network = network_of(file, architecture, size_px)  # what will be loaded, float16's rounding too
    records = held_out(data, config["folds"], config["fold"], config["split_seed"])
    films = _tensors(data, records, size_px)
    logits, cam_scale = _read(network, films)
    card = ModelCard(
        name=name,
        version=version,
        architecture=architecture,
        size_px=size_px,
        sha256=hashlib.sha256(file).hexdigest(),
        threshold=threshold_at_sensitivity(predictions_table(records, logits)),
        validation_sensitivity=VALIDATION_SENSITIVITY,
        cam_scale=cam_scale,
        run=run_name,
        parameters=sum(part.numel() for part in network.parameters()),
    )
    save_card(card, file, weights)
    return card


def _tensors(data: Path, records: Sequence[Record], size_px: int) -> list[Tensor]:
    pixels = load_pixels(data, records)
    return [to_tensor(film / np.float32(255), size_px) for film in pixels]


def _read(network: Network, films: Iterable[Tensor]) -> tuple[NDArray[np.float32], float]:
    """The logit of each film, and the 99th percentile of positive Grad-CAM values, in logits."""
    read = [read_with_evidence(network, torch.stack(batch)) for batch in in_batches(films)]
    logits, maps = (np.concatenate(parts) for parts in zip(*read, strict=True))
    return logits, float(f"{np.percentile(maps[maps > 0], CAM_PERCENTILE):.6g}")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where the run cannot be shipped."""
    options = parser().parse_args(arguments)
    try:
        card = publish(
            options.run,
            options.name,
            options.version,
            required(options.data),
            options.results,
            options.weights,
        )
    except ReadingRoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{card.name} {card.version}: threshold {card.threshold}, sha256 {card.sha256}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
