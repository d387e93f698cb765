"""Let sessions read at once: ``make load``, or ``python -m tests.load --sessions 8 --seconds 60``.

With ``--browsers`` or ``--uploads`` real browsers upload to the app as ``make run`` starts it;
else threads read through the server's queue without a page. The table is printed, and written into
``test-output/load.csv``. Exit status 1 means errors or mix-ups.
"""

import argparse
import sys
from pathlib import Path

import torch

from core.data.folder import list_films
from core.data.samples import GALLERY_FOLDER
from core.inference.model import shared_diagnostician
from core.models.weights import DEFAULT_MODEL, WEIGHTS_FOLDER
from core.results.folder import results_folder
from core.results.load import PageLoad, name_of, write_load
from tests.browser.chromium import find_chromium
from tests.load.pages import load_pages
from tests.load.running import Outcome, expected, load, write


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    options.add_argument("--sessions", type=int, default=8, help="how many (%(default)s)")
    options.add_argument("--browsers", type=int, default=0, help="pages in the place of sessions")
    options.add_argument("--seconds", type=float, default=60, help="how long (%(default)s)")
    options.add_argument("--uploads", type=int, help="files in all, in the place of seconds")
    options.add_argument("--films", type=Path, default=GALLERY_FOLDER, help="a folder of films")
    options.add_argument("--model", default=DEFAULT_MODEL, help="of sessions; a page has its own")
    options.add_argument("--output", type=Path, default=Path("test-output/load.csv"))
    options.add_argument("--save", action="store_true", help="keep a run of browsers in results")
    return options


def main() -> int:
    options = parser()
    chosen = options.parse_args()
    films = sorted(list_films(chosen.films))
    if not films:
        options.error(f"no films in {chosen.films}")
    torch.set_num_threads(1)  # as each reading has
    outcome = (
        _pages(chosen, films) if chosen.browsers or chosen.uploads else _threads(chosen, films)
    )
    sys.stdout.write(write(outcome, chosen.output))
    return 1 if outcome.errors or outcome.mix_ups else 0


def _threads(chosen: argparse.Namespace, films: list[Path]) -> Outcome:
    known = expected(films, chosen.model, WEIGHTS_FOLDER)
    model = shared_diagnostician(chosen.model)
    return load(films, chosen.sessions, chosen.seconds, model, known)


def _pages(chosen: argparse.Namespace, films: list[Path]) -> PageLoad:
    executable, browsers = find_chromium(), max(chosen.browsers, 1)
    if executable is None:
        sys.exit("no Chromium: run .ci/browser")
    seconds = None if chosen.uploads else chosen.seconds
    known = expected(films, DEFAULT_MODEL, WEIGHTS_FOLDER)
    found = load_pages(executable, films, browsers, known, seconds, chosen.uploads)
    if chosen.save:
        write_load(name_of(browsers, is_counted=bool(chosen.uploads)), found, results_folder())
    return found


if __name__ == "__main__":
    sys.exit(main())
