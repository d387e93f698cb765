"""Train the lungs segmenter and ship it: ``python -m core train-lungs --help``."""

import argparse
import sys
from pathlib import Path

from core.cli.options import add_folders
from core.data.folder import required
from core.messages.errors import ReadingRoomError
from core.models.lungs_card import LUNGS_FOLDER
from core.training.lungs.train import LungsConfig, make_lungs


def parser() -> argparse.ArgumentParser:
    """The command line."""
    default = LungsConfig()
    options = argparse.ArgumentParser(
        prog="python -m core train-lungs",
        description="Train the lungs segmenter on the human outlines in a folder lungs beside the "
        "data folder, and ship it. The same command continues a training that was interrupted; "
        "the command measure-lungs measures what ships.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    options.add_argument("--version", required=True, help="the version of these weights")
    add_folders(options, "data", "results")
    options.add_argument("--weights", type=Path, default=LUNGS_FOLDER, help="where it ships")
    options.add_argument("--epochs", type=int, default=default.epochs, help="how many")
    options.add_argument("--batch-size", type=int, default=default.batch_size, help="films a step")
    options.add_argument(
        "--learning-rate", type=float, default=default.learning_rate, help="the highest"
    )
    options.add_argument("--seed", type=int, default=default.seed, help="of everything random")
    options.add_argument(
        "--from-scratch", action="store_true", help="start the encoder without ImageNet weights"
    )
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where it cannot be trained."""
    options = parser().parse_args(arguments)
    config = LungsConfig(
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        imagenet=not options.from_scratch,
        seed=options.seed,
    )
    try:
        data = required(options.data)
        card = make_lungs(data, options.version, config, options.results, options.weights)
    except ReadingRoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"lungs {card.version}: {card.films} films, sha256 {card.sha256}")
    return 0
