"""Train a network: ``python -m core train --help``."""

import argparse
import sys
from dataclasses import fields

from lightning_fabric.utilities.exceptions import MisconfigurationException

from core.cli.options import add_folders
from core.data.folder import required
from core.messages.errors import ReadingRoomError
from core.training.classifier.config import TrainConfig
from core.training.classifier.films import films_of_run
from core.training.classifier.run import Hardware, check_new, train

ACCELERATORS = ("auto", "cpu", "gpu")
PRECISIONS = ("auto", "32-true", "bf16-mixed")
"""Not 16-mixed: a fused optimiser takes its scale off too late for clipping."""


def parser() -> argparse.ArgumentParser:
    """The command line; every setting of ``TrainConfig`` is an option."""
    options = argparse.ArgumentParser(
        prog="python -m core train",
        description="Train a network on a folder of chest films and write its run folder. "
        "The same command continues a run that was interrupted.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    options.add_argument("name", help="the run's name: its folder under results/runs")
    add_folders(options, "data", "results")
    options.add_argument(
        "--test-logits",
        action="store_true",
        help="also write the logits of the test films, without labels, as the command study asks",
    )
    settings = options.add_argument_group("settings that decide the result")
    for setting in fields(TrainConfig):
        settings.add_argument(
            _flag(setting.name),
            type=type(setting.default),
            default=setting.default,
            choices=setting.metadata["choices"] or None,
            help=setting.metadata["meaning"],
        )
    hardware = options.add_argument_group("where it runs")
    hardware.add_argument(
        "--accelerator", default="auto", choices=ACCELERATORS, help="what computes"
    )
    hardware.add_argument("--devices", type=int, default=1, help="GPUs, or processes, a machine")
    hardware.add_argument(
        "--machines",
        type=int,
        default=1,
        help="machines of a DDP run; start the same command on each, with MASTER_ADDR, MASTER_PORT "
        "and NODE_RANK set and the folder of results shared",
    )
    hardware.add_argument("--precision", default="auto", choices=PRECISIONS, help="arithmetic")
    return options


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where the run cannot be done."""
    options = parser().parse_args(arguments)
    settings = {setting.name: getattr(options, setting.name) for setting in fields(TrainConfig)}
    place = {setting.name: getattr(options, setting.name) for setting in fields(Hardware)}
    try:
        config, hardware = TrainConfig(**settings), Hardware(**place)
    except ValueError as error:
        parser().error(str(error))
    try:
        data = required(options.data)
        check_new(options.name, options.results)
        films = films_of_run(data, config, options.results, options.test_logits)
        folder = train(films, options.name, config, hardware, options.results, options.test_logits)
    except MisconfigurationException as error:
        parser().error(f"this machine cannot do that: {error}")
    except (ReadingRoomError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"The run is in {folder}")
    return 0
