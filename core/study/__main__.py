"""Train the runs of a study: ``python -m core.study --help``."""

import argparse
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from filelock import FileLock, Timeout

from core.data.folder import data_folder, required
from core.errors import ReadingRoomError, StudyRunning
from core.results import results_folder
from core.study.measure import measure_study
from core.study.plan import (
    PlannedRun,
    films_a_second,
    finished_runs,
    left_of,
    planned_runs,
    seconds_of,
    summary_of,
)
from core.study.runner import STOPPED, Outcome, Place, train_all
from core.study.speed import films_a_second_of
from core.study.studies import STUDIES
from core.study.table import write_study_table


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core.study",
        description="Train what a study still lacks: every variant's first seed, then every "
        "variant's second, and so on. A finished run is never repeated, an interrupted one goes on "
        "from its last epoch, and results/runs.csv has a row for each finished run.",
    )
    options.add_argument(
        "study", nargs="*", help=f"one or more of {', '.join(STUDIES)}; all five if none is named"
    )
    options.add_argument("--variants", nargs="+", default=(), help="only these variants")
    options.add_argument("--seeds", nargs="+", type=int, default=(), help="only these seeds")
    options.add_argument(
        "--limit-minutes", type=float, help="stop after that; the same command goes on later"
    )
    options.add_argument("--plan", action="store_true", help="print runs, speed and hours, and end")
    options.add_argument(
        "--test",
        action="store_true",
        help="measure a complete study on the official test films, once; each look is logged",
    )
    options.add_argument("--why", help="why the test labels are looked at; the log keeps it")
    options.add_argument("--data", type=Path, default=data_folder(), help="the data folder")
    options.add_argument("--results", type=Path, default=results_folder(), help="folder of results")
    place = options.add_argument_group("where it runs")
    place.add_argument(
        "--parallel",
        type=int,
        default=1,
        help="runs at a time on this machine, which share its cores; on small networks N runs of "
        "one core each are faster than one run of N cores",
    )
    place.add_argument(
        "--cluster",
        help="address of a dask scheduler, such as tcp://host:8786: its workers train instead. "
        "Start one a GPU with: CUDA_VISIBLE_DEVICES=0 dask worker ADDRESS --nthreads 1",
    )
    place.add_argument("--workers", type=int, default=0, help="processes a run that augment")
    place.add_argument("--accelerator", default="auto", choices=("auto", "cpu", "gpu"))
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where a run or a look failed."""
    options = parser().parse_args(arguments)
    names = options.study or list(STUDIES)
    if unknown := [name for name in names if name not in STUDIES]:
        parser().error(f"there is no study {unknown[0]!r}; there are {', '.join(STUDIES)}")
    if options.test and not options.why:
        parser().error("a look at the test labels is logged: say why with --why")
    known = {variant.name for name in names for variant in STUDIES[name].variants}
    if wrong := [variant for variant in options.variants if variant not in known]:
        parser().error(f"there is no variant {wrong[0]!r}; there are {', '.join(sorted(known))}")
    signal.signal(signal.SIGTERM, _leave)
    try:
        if options.plan:
            print_plan(names, options)
            return 0
        if options.test:
            return _measure(names, options)
        return _train(names, options)
    except (ReadingRoomError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _leave(number: int, frame: FrameType | None) -> None:
    """End as Ctrl-C would, so that runs are stopped and not left alone."""
    raise KeyboardInterrupt


def _runs(name: str, options: argparse.Namespace) -> tuple[PlannedRun, ...]:
    return planned_runs(STUDIES[name], options.variants, options.seeds)


def print_plan(names: Sequence[str], options: argparse.Namespace) -> None:
    """Print what each study still takes; an architecture without a finished run is timed first."""
    finished = finished_runs(options.results)
    speeds: dict[str, float] = {}
    counted: set[str] = set()
    print(f"{'study':16}{'runs':>6}{'left':>6}{'films/s':>9}{'hours':>7}")
    total = 0.0
    for name in names:
        runs = _runs(name, options)
        left = [run for run in left_of(runs, finished) if run.name not in counted]
        counted |= {run.name for run in left}
        seconds = sum(_expected(run, finished, speeds) for run in left)
        films = sum(_FILMS * run.config.epochs for run in left)
        total += seconds
        speed = f"{films / seconds:.0f}" if seconds else "-"
        print(f"{name:16}{len(runs):6}{len(left):6}{speed:>9}{seconds / 3600:7.1f}")
    print(f"One run at a time: {total / 3600:.1f} hours in all.")


_FILMS = 4600
"""Training films of the official data set without a fold of eight, about."""


def _expected(
    run: PlannedRun, finished: Mapping[str, Mapping[str, Any]], speeds: dict[str, float]
) -> float:
    known = seconds_of(run, finished)
    raise NotImplementedError


if __name__ == "__main__":
    sys.exit(main())
