"""Let sessions read at once: ``make load``, or ``python -m tests.load --sessions 8 --seconds 60``.

The table is printed, and written into ``test-output/load.csv``. Exit status 1 means errors or
mix-ups.
"""

import argparse
import sys
from pathlib import Path

import torch

from core.data.folder import list_films
from core.data.samples import GALLERY_FOLDER
from core.inference.model import shared_diagnostician
from core.models.weights import DEFAULT_MODEL, WEIGHTS_FOLDER
from tests.load.running import expected, load, write


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--sessions", type=int, default=8, help="how many (%(default)s)")
    parser.add_argument("--seconds", type=float, default=60, help="how long (%(default)s)")
    parser.add_argument("--films", type=Path, default=GALLERY_FOLDER, help="a folder of films")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--output", type=Path, default=Path("test-output/load.csv"))
    chosen = parser.parse_args()
    films = sorted(list_films(chosen.films))
    if not films:
        parser.error(f"no films in {chosen.films}")
    torch.set_num_threads(1)  # as each reading has
    known = expected(films, chosen.model, WEIGHTS_FOLDER)
    model = shared_diagnostician(chosen.model)
    outcome = load(films, chosen.sessions, chosen.seconds, model, known)
    sys.stdout.write(write(outcome, chosen.output))
    return 1 if outcome.errors or outcome.mix_ups else 0


if __name__ == "__main__":
    sys.exit(main())
