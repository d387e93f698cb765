"""Measure the model on a site's own films and fit it: ``python -m core commission --help``."""

import argparse
import sys
from pathlib import Path

from core.cli.options import add_folders
from core.evaluation.commissioning.commission import commission
from core.inference.model import Diagnostician
from core.inference.population import population_in_use
from core.messages.catalogue import DEFAULT_LANGUAGE
from core.messages.errors import ReadingRoomError, UnknownModel
from core.models.site import SITE_VARIABLE, check_site_name
from core.models.weights import DEFAULT_MODEL
from core.reporting.captions.commission import profile_text
from core.results.folder import write_json


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core commission",
        description="Measure a shipped model on a site's own films, fit temperature, operating "
        "point and review band on them, and write a site profile: figures and settings, without "
        "names of files or patients. Research and demonstration only, not a medical device.",
        epilog="Exit status: 0, 1 where films or table cannot be used, 2 for wrong usage.",
    )
    options.add_argument("folder", type=Path, metavar="FOLDER", help="folder of films")
    options.add_argument(
        "labels",
        type=Path,
        metavar="LABELS.csv",
        help="table with file and label (NORMAL or PNEUMONIA); optional patient, date, age",
    )
    options.add_argument("--site", required=True, type=_site, metavar="NAME", help="its name")
    options.add_argument("--model", default=DEFAULT_MODEL, help="default: %(default)s")
    options.add_argument(
        "--out",
        type=Path,
        default=Path("site_profile.json"),
        metavar="FILE",
        help="the profile; default: site_profile.json",
    )
    add_folders(options, "weights")
    return options


def _site(name: str) -> str:
    try:
        return check_site_name(name)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status."""
    options = parser().parse_args(arguments)
    if not options.folder.is_dir():
        parser().error(f"no folder {options.folder}")
    try:  # now, and not after all films were read
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.open("a").close()
    except OSError as error:
        parser().error(f"cannot write there: {error}")
    try:
        diagnostician = Diagnostician.load(options.model, options.weights)
        population_in_use()
        profile = commission(diagnostician, options.folder, options.labels, options.site)
    except ReadingRoomError as error:
        if not options.out.stat().st_size:
            options.out.unlink()
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, UnknownModel) else 1
    write_json(options.out, profile.content)
    print(profile_text(profile, DEFAULT_LANGUAGE))
    print(f"\nThe profile is {options.out}. To read with it: {SITE_VARIABLE}={options.out}")
    return 0
