"""Records of what was chosen, and on which figures: the only way to the test set for what ships.

``results/selection/NAME.json`` is one choice among candidates; a candidate is a run, or several
whose logits are averaged. The rule is the same for every choice: the highest AUROC in the worst
stress condition, on patients held out of training; the log loss decides between those that it
cannot tell apart.
"""

import json
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sklearn.metrics import log_loss, roc_auc_score

from core.data.conditions import PLAIN
from core.evaluation.finished_runs import settings_of, split_of
from core.evaluation.readings import conditions_of, stress_of
from core.messages.errors import RunMissing, SelectionMissing, SelectionNotCommitted
from core.metrics.logits import sigmoid
from core.results.model_records import Candidate, ChoiceRecord
from core.results.runs import STRESS

TOLD_APART = 3
"""Decimals of an AUROC that a few hundred held-out films can tell apart at the very most."""
RULE = (
    f"highest AUROC, to {TOLD_APART} decimals, in the worst stress condition on held-out training "
    "patients, then lowest log loss of plain ones, mean over the seeds at hand"
)


def figures_of(
    runs: Sequence[str], results: Path, conditions: Sequence[str] | None = None
) -> Candidate:
    """What a candidate is judged by: means over its seeds.

    Args:
        runs: The candidate's.
        results: Folder of results.
        conditions: Under which it is judged; all that it was measured under if None.

    Raises:
        StressMissing: A run has not been measured under stress.
    """
    tables = [stress_of(seed, results) for seed in _seeds(runs, results)]
    auroc = {
        condition: _mean(roc_auc_score(table["truth"], table[condition]) for table in tables)
        for condition in conditions or conditions_of(tables)
    }
    worst = min(auroc, key=auroc.__getitem__)
    return Candidate(
        runs=tuple(runs),
        auroc=auroc,
        plain_log_loss=_mean(log_loss(table["truth"], sigmoid(table[PLAIN])) for table in tables),
        worst_condition=worst,
        worst_auroc=auroc[worst],
        seeds=len(tables),
    )


def _mean(values: Iterable[float]) -> float:
    return round(float(np.mean(list(values))), 5)


def _seeds(runs: Sequence[str], results: Path) -> list[list[str]]:
    """The runs, then the same recipes with each other seed that all were trained and measured with.

    Raises:
        RunMissing: A run is not there.
    """
    own = {_seed(run, results) for run in runs}
    twins = [_twins(run, results) for run in runs]
    shared = set.intersection(*(set(twin) for twin in twins)) - own
    return [list(runs), *([twin[seed] for twin in twins] for seed in sorted(shared))]


def other_seed(run: str, seed: int, results: Path) -> str:
    """The run of the same recipe with another seed, measured under stress.

    Raises:
        RunMissing: The run is not there, or none of its recipe has that seed.
    """
    if twin := _twins(run, results).get(seed):
        return twin
    raise RunMissing(folder=f"{run}, seed {seed}")


def _twins(run: str, results: Path) -> dict[int, str]:
    """The runs of a run's recipe that were measured under stress, by their seeds."""
    recipe = _recipes([run], results)
    stressed = [file.parent.name for file in sorted((results / "runs").glob(f"*/{STRESS}"))]
    alike = [name for name in stressed if _recipes([name], results) == recipe]
    return {_seed(name, results): name for name in alike}


def _seed(run: str, results: Path) -> int:
    return int(settings_of(run, results)["seed"])


def choose(candidates: Sequence[Candidate]) -> Candidate:
    """The candidate that ``RULE`` prefers."""
    return max(
        candidates,
        key=lambda candidate: (
            round(candidate.worst_auroc, TOLD_APART),
            -candidate.plain_log_loss,
        ),
    )


def record(candidates: Sequence[Sequence[str]], why: str, results: Path) -> ChoiceRecord:
    """The choice among candidates, each named by its runs.

    Raises:
        RunMissing: There is no such run.
        HeldOutDiffers: The candidates were not measured on the same films.
        StressMissing: A run has not been measured under stress.
    """
    split_of([run for runs in candidates for run in runs], results)
    tables = [stress_of(runs, results) for runs in candidates]
    shared = conditions_of(tables)
    figures = [figures_of(runs, results, shared) for runs in candidates]
    return ChoiceRecord(
        why=why,
        rule=RULE,
        date=datetime.now(UTC).date().isoformat(),
        candidates=tuple(figures),
        chosen=choose(figures).runs,
    )


def check_selected(runs: Sequence[str], results: Path) -> None:
    """Make sure that a committed record chose these runs, or the same recipe with other seeds.

    Raises:
        SelectionMissing: No record did.
        SelectionNotCommitted: The record has not been committed as it stands.
        RunMissing: A run is not there.
    """
    wanted = _recipes(runs, results)
    records = sorted((results / "selection").glob("*.json"))
    fitting = [record for record in records if _recipes(_chosen(record), results) == wanted]
    if not fitting:
        raise SelectionMissing(runs=" + ".join(runs))
    if not any(_is_committed(record) for record in fitting):
        raise SelectionNotCommitted(file=fitting[0].name)


def _chosen(record: Path) -> list[str]:
    chosen: list[str] = json.loads(record.read_text(encoding="utf-8"))["chosen"]
    return chosen


def _recipes(runs: Sequence[str], results: Path) -> list[str]:
    """Every setting of each run but its seed; the order of the runs does not matter."""
    configs = [settings_of(run, results) for run in runs]
    for config in configs:
        del config["seed"]
    return sorted(json.dumps(config, sort_keys=True) for config in configs)


def _is_committed(file: Path) -> bool:
    """Whether Git has the file as it stands; outside of a repository nothing can be told."""
    try:
        inside = _git(file, "rev-parse", "--is-inside-work-tree")
    except FileNotFoundError:
        return True
    if inside.returncode != 0:
        return True
    known = _git(file, "ls-files", "--error-unmatch", file.name).returncode == 0
    return known and _git(file, "diff", "--quiet", "HEAD", "--", file.name).returncode == 0


def _git(file: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(  # noqa: S603 - arguments of ours alone
        ["git", "-C", str(file.parent), *arguments],  # noqa: S607 - wherever git is
        capture_output=True,
        check=False,
    )
