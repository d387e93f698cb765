"""Train the runs of a study: ``python -m core study --help``."""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType

from filelock import FileLock, Timeout

from core.cli.options import add_folders
from core.data.folder import list_films, required
from core.messages.errors import ReadingRoomError, StudyRunning
from core.results.packs import pack_study
from core.training.classifier.config import TrainConfig
from core.training.experiments.forecast import forecast, seconds_left
from core.training.experiments.measure import measure_frames, measure_study
from core.training.experiments.plan import (
    PlannedRun,
    finished_runs,
    left_of,
    planned_runs,
    summary_of,
)
from core.training.experiments.runner import STOPPED, Outcome, Place, train_all
from core.training.experiments.studies import STUDIES
from core.training.experiments.table import write_study_table


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core study",
        description="Train the missing runs of a study: every variant's first seed, then every "
        "variant's second, and so on. A finished run is never repeated, an interrupted one is "
        "resumed after its last epoch, and results/runs.csv has a row for each finished run.",
    )
    options.add_argument(
        "study", nargs="*", help=f"one or more of {', '.join(STUDIES)}; all if none is named"
    )
    options.add_argument("--variants", nargs="+", default=(), help="only these variants")
    options.add_argument("--seeds", nargs="+", type=int, default=(), help="only these seeds")
    options.add_argument(
        "--limit-minutes",
        type=float,
        help="stop after that; the same command resumes",
    )
    options.add_argument("--plan", action="store_true", help="print missing runs, speed and hours")
    options.add_argument(
        "--frames",
        action="store_true",
        help="read a complete study's validation films in other frames: canvases, burned-in marks "
        "and cut margins",
    )
    options.add_argument(
        "--test",
        action="store_true",
        help="measure a complete study on the official test films, once; the look is logged",
    )
    options.add_argument(
        "--pack",
        action="store_true",
        help="pack the folders of measured runs into results/studies/STUDY.tar.xz",
    )
    options.add_argument("--why", help="reason for the test look, for the log")
    add_folders(options, "data", "results")
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
            return _plan(names, options)
        if options.frames or options.test:
            return _measure(names, options)
        if options.pack:
            return _pack(names, options)
        return _train(names, options)
    except (ReadingRoomError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _leave(number: int, frame: FrameType | None) -> None:
    """End as Ctrl-C would, so that runs are stopped and not left alone."""
    raise KeyboardInterrupt


def _runs(name: str, options: argparse.Namespace) -> tuple[PlannedRun, ...]:
    return planned_runs(STUDIES[name], options.variants, options.seeds)


def _plan(names: Sequence[str], options: argparse.Namespace) -> int:
    """Print what each study still takes."""
    finished = finished_runs(options.results)
    all_runs = {name: _runs(name, options) for name in names}
    left = left_of([run for runs in all_runs.values() for run in runs], finished)
    by_study = {name: [run for run in left if run.study == name] for name in names}
    pool = list_films(required(options.data) / "train")
    films = round(len(pool) * (1 - 1 / TrainConfig().folds))
    print(f"{'study':16}{'runs':>6}{'left':>6}{'films/s':>9}{'hours':>7}", flush=True)
    hours = 0.0
    for name, seen, seconds in forecast(by_study, finished, films):
        hours += seconds / 3600
        speed = f"{seen / seconds:.0f}" if seconds else "-"
        counts = f"{len(all_runs[name]):6}{len(by_study[name]):6}"
        print(f"{name:16}{counts}{speed:>9}{seconds / 3600:7.1f}", flush=True)
    print(f"{len(left)} runs, {hours:.1f} hours one at a time")
    return 0


def _measure(names: Sequence[str], options: argparse.Namespace) -> int:
    """Read each study's held-out films in other frames, or let it have its look at the test."""
    for name in names:
        runs, data = planned_runs(STUDIES[name]), required(options.data)
        if options.frames:
            measured, where = measure_frames(runs, data, options.results), "in other frames"
        else:
            measured = measure_study(runs, data, options.results, options.why)
            where = "on the test films"
        write_study_table(options.results)
        print(f"{name}: {measured} runs measured {where}")
    return 0


def _pack(names: Sequence[str], options: argparse.Namespace) -> int:
    """Pack the measured runs of each study."""
    for name in names:
        packed = pack_study(name, options.results)
        print(f"{name}: {len(packed)} runs packed")
    return 0


def _train(names: Sequence[str], options: argparse.Namespace) -> int:
    """Train what is left, one study after the other."""
    until = None if options.limit_minutes is None else time.time() + 60 * options.limit_minutes
    place = Place(options.parallel, options.cluster, options.accelerator)
    data = required(options.data)
    runs = [run for name in names for run in _runs(name, options)]
    lock = options.results / ".running" / ".lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    failed = 0
    try:
        with FileLock(lock, timeout=0):
            left = left_of(runs, finished_runs(options.results))
            print(f"{len(left)} runs left of {', '.join(names)}", flush=True)
            for outcome in train_all(left, data, options.results, place, until):
                failed += outcome.status not in (0, STOPPED)
                _tell(outcome, runs, options)
    except Timeout:
        raise StudyRunning(folder=options.results) from None
    except KeyboardInterrupt:
        print("Interrupted; the same command goes on from here.", file=sys.stderr)
        return 1
    write_study_table(options.results)
    return 1 if failed else 0


def _tell(outcome: Outcome, runs: Sequence[PlannedRun], options: argparse.Namespace) -> None:
    """Print how a run ended and what is left, and renew the table."""
    run = outcome.run.name
    if outcome.status == STOPPED:
        if outcome.minutes:
            print(f"{run}: stopped, to be continued", flush=True)
        return
    if outcome.status:
        print(f"{run} failed:\n{outcome.log}", file=sys.stderr, flush=True)
        return
    write_study_table(options.results)
    finished = finished_runs(options.results)
    left = left_of(runs, finished)
    summary = summary_of(outcome.run, finished) or {}
    hours = (seconds_left(left, finished) or 0.0) / 3600 / options.parallel
    print(
        f"{run}: validation loss {summary['val_loss']:.4f} at epoch {summary['best_epoch']} of "
        f"{summary['epochs_run']}, {outcome.minutes:.1f} min; {len(left)} runs left, "
        f"about {hours:.1f} h",
        flush=True,
    )
