"""Train the population reader and ship it: ``python -m core train-population --help``."""

import argparse
import sys
from pathlib import Path

from core.cli.options import add_folders
from core.data.folder import required
from core.messages.errors import ReadingRoomError
from core.models.population_card import POPULATION_FOLDER
from core.training.population.train import PopulationConfig, make
from core.training.population.views import BATCH


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core train-population",
        description="Train the population reader on children's films and on the adults' in "
        "adult_other beside the data folder, choose its thresholds on patients held out, ship it.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    config = PopulationConfig()
    options.add_argument("--version", required=True, help="the version of these weights")
    add_folders(options, "data")
    options.add_argument("--weights", type=Path, default=POPULATION_FOLDER, help="where it ships")
    options.add_argument("--batches", type=int, default=config.batches, help=f"of {BATCH} views")
    options.add_argument("--seed", type=int, default=config.seed, help="of everything random")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where no reader can be made."""
    options = parser().parse_args(arguments)
    config = PopulationConfig(batches=options.batches, seed=options.seed)
    try:
        card = make(required(options.data), options.version, config, options.weights)
    except ReadingRoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"population {card.version}: child from {card.child_from}, adult from {card.adult_from}")
    return 0
