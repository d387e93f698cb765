"""Train the input gate and ship it: ``python -m core train-gate --help``."""

import argparse
import sys
from pathlib import Path

from core.cli.options import add_folders
from core.data.folder import required
from core.messages.errors import ReadingRoomError
from core.models.gate_card import GATE_FOLDER
from core.training.gate.train import BATCH, make


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core train-gate",
        description="Train the input gate on training films and pictures that are no films, "
        "choose its thresholds on held-out films, and write it to weights/gate.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    options.add_argument("non_films", type=Path, help="folder of non-films: KIND/SOURCE/files")
    options.add_argument("--version", required=True, help="the version of these weights")
    add_folders(options, "data")
    options.add_argument("--weights", type=Path, default=GATE_FOLDER, help="where it ships")
    options.add_argument("--steps", type=int, default=600, help=f"of {BATCH} views each")
    options.add_argument("--learning-rate", type=float, default=1e-3, help="the highest")
    options.add_argument("--seed", type=int, default=0, help="random seed")
    options.add_argument("--workers", type=int, default=1, help="processes that draw views")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where no gate can be made."""
    options = parser().parse_args(arguments)
    try:
        card = make(required(options.data), options.non_films, options)
    except ReadingRoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"gate {card.version}: {card.thresholds}, sha256 {card.sha256}")
    return 0
