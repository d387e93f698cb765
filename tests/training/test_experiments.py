"""Studies: their definitions, the runner on tiny runs for real, and what their figures say."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import distributed
import numpy as np
import pandas as pd
import pytest
from filelock import FileLock
from scipy import stats

import core.cli.study
import core.cli.train
import core.training.experiments.runner
from core.data.conditions import PLAIN
from core.data.frames import FRAMES
from core.imaging.framings import FRAMINGS
from core.messages.errors import LogitsMissing, StudyIncomplete, StudyMeasured
from core.metrics.logits import sigmoid
from core.metrics.over_seeds import mean_over_seeds, paired_difference
from core.results.runs import read_run
from core.results.study_table import COLUMNS, FRAMES_LOSS, FRAMES_UNCHANGED, read_study_table
from core.training.classifier.config import TrainConfig
from core.training.experiments.earlier_studies import EARLIER_STUDIES, earlier_runs
from core.training.experiments.forecast import forecast, seconds_left
from core.training.experiments.measure import measure_study
from core.training.experiments.plan import command_of, finished_runs, key_of, left_of, planned_runs
from core.training.experiments.runner import STOPPED, Place, train_all, train_one
from core.training.experiments.studies import STUDIES
from core.training.experiments.study import Study, Variant
from core.training.experiments.summary import current_studies
from tests.support.runs import SETTINGS, PowerCut, assert_same_run, cut_power
from tests.support.tiny import STAND_IN

QUICK = {**SETTINGS, "epochs": 2}
TINY_STUDY = Study(
    "tiny",
    "plain",
    (
        Variant("plain", seeds=(0, 1)),
        Variant("mixed", {"mixup_prob": 1.0}, seeds=(0,)),
    ),
    {name: value for name, value in QUICK.items() if name != "seed"},
)
TWIN = Study("twin", "plain", (Variant("plain", seeds=(0,)),), TINY_STUDY.settings)


def in_process(
    arguments: Sequence[str], log: Path, threads: int | None, until: float | None
) -> tuple[int, float, str]:
    """As ``train_one``, but in this process, where the network is tiny."""
    if until is not None and until < time.time():
        return STOPPED, 0.0, ""
    return core.cli.train.main([*arguments]), 0.1, "the log"


@pytest.fixture
def tiny_study(tiny_network: None, monkeypatch: pytest.MonkeyPatch) -> None:
    studies = {"tiny": TINY_STUDY, "twin": TWIN}
    monkeypatch.setattr(core.cli.study, "STUDIES", studies)
    monkeypatch.setattr(core.training.experiments.table, "STUDIES", studies)
    monkeypatch.setattr(core.training.experiments.runner, "train_one", in_process)


def study(data: Path, results: Path, *arguments: str) -> int:
    """The command line, on tiny data."""
    where = ["--data", str(data), "--results", str(results), "--accelerator", "cpu"]
    return core.cli.study.main([*arguments, *where])


class TestDefinitions:
    @pytest.mark.parametrize("name", STUDIES)
    def test_every_setting_is_one_that_training_knows(self, name: str) -> None:
        runs = planned_runs(STUDIES[name])
        assert len({run.name for run in runs}) == len(runs)
        assert len({key_of(asdict(run.config)) for run in runs}) == len(runs)

    @pytest.mark.parametrize("name", STUDIES)
    def test_every_variant_has_three_seeds_and_the_baselines(self, name: str) -> None:
        for variant in STUDIES[name].variants:
            assert variant.seeds[:3] == (0, 1, 2)

    def test_all_first_seeds_come_before_any_second(self) -> None:
        seeds = [run.config.seed for run in planned_runs(STUDIES["mixup-lungs"])]
        assert seeds == sorted(seeds)

    @pytest.mark.parametrize("name", STUDIES)
    def test_each_seed_holds_out_a_fold_of_its_own(self, name: str) -> None:
        folds = {(run.config.seed, run.config.fold) for run in planned_runs(STUDIES[name])}
        assert folds == {(0, 0), (1, 1), (2, 2)}

    def test_the_framing_study_varies_the_framing_alone(self) -> None:
        configs = [asdict(run.config) for run in planned_runs(STUDIES["framing"], seeds={0})]
        varied = {key for key in configs[0] if len({str(each[key]) for each in configs}) > 1}
        assert varied == {"framing"}
        assert {each["framing"] for each in configs} == set(FRAMINGS)

    def test_runs_of_earlier_studies_have_names_of_their_own(self) -> None:
        names = [run.name for study in EARLIER_STUDIES.values() for run in earlier_runs(study)]
        assert len(set(names)) == len(names) == 180

    def test_a_complete_study_takes_its_predecessors_place(self) -> None:
        rows = [(run.study, run.variant) for run in planned_runs(STUDIES["mixup-lungs"])]
        complete = pd.DataFrame(rows, columns=["study", "variant"])
        assert "mixup" not in current_studies(complete)
        assert {"mixup-lungs", "architecture"} <= set(current_studies(complete))
        assert {"mixup-lungs", "mixup"} <= set(current_studies(complete[1:]))

    def test_variants_and_seeds_can_be_chosen(self) -> None:
        runs = planned_runs(STUDIES["mixup-lungs"], {"p0-a0.4", "p1-a0.4"}, {0, 2})
        assert [run.name for run in runs] == [
            "mixup-lungs/p0-a0.4@0",
            "mixup-lungs/p1-a0.4@0",
            "mixup-lungs/p0-a0.4@2",
            "mixup-lungs/p1-a0.4@2",
        ]

    def test_studies_share_the_runs_of_the_same_settings(self) -> None:
        all_runs = [run for study in STUDIES.values() for run in planned_runs(study)]
        shared = {run.name for run in all_runs} - {run.name for run in left_of(all_runs, {})}
        assert "mixup-lungs/p0.3-a0.4@0" in shared
        assert "architecture-lungs/efficientnet_lite0-imagenet@2" in shared

    def test_a_shared_run_has_its_turn_where_it_comes_first(self) -> None:
        both = ("mixup-lungs", "architecture-lungs")
        runs = [run for name in both for run in planned_runs(STUDIES[name])]
        names = [run.name for run in left_of(runs, {})]
        assert names[: len(STUDIES["mixup-lungs"].variants)] == [
            f"mixup-lungs/{variant.name}@0" for variant in STUDIES["mixup-lungs"].variants
        ]

    def test_a_baseline_is_one_of_the_variants(self) -> None:
        with pytest.raises(ValueError, match="baseline"):
            Study("odd", "baseline", (Variant("other"),), {})

    def test_the_command_trains_the_very_settings(self) -> None:
        for study in STUDIES.values():
            for run in planned_runs(study):
                options = core.cli.train.parser().parse_args(
                    command_of(run.name, asdict(run.config))
                )
                assert options.name == run.name
                assert all(
                    getattr(options, key) == value for key, value in asdict(run.config).items()
                )


@pytest.mark.usefixtures("tiny_study")
class TestRunner:
    def test_a_study_is_trained_once_and_shared(
        self, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert study(tiny_data, tmp_path, "tiny", "twin") == 0
        folders = sorted(path.parent.name for path in tmp_path.glob("runs/*/*/run.json"))
        assert folders == ["mixed@0", "plain@0", "plain@1"]
        assert "3 runs left" in capsys.readouterr().out
        table = read_study_table(tmp_path)
        assert list(table.columns) == list(COLUMNS)
        assert list(table["run"]) == [
            "tiny/plain@0",
            "tiny/mixed@0",
            "tiny/plain@1",
            "tiny/plain@0",
        ]
        assert list(table["study"]) == ["tiny", "tiny", "tiny", "twin"]
        assert table["test_loss"].isna().all()
        assert table["train_loss"].notna().all()

        finished = (tmp_path / "runs/tiny/plain@0/run.json").stat().st_mtime_ns
        assert study(tiny_data, tmp_path, "tiny") == 0
        assert "0 runs left" in capsys.readouterr().out
        assert (tmp_path / "runs/tiny/plain@0/run.json").stat().st_mtime_ns == finished

    def test_an_interrupted_run_ends_as_an_uninterrupted_one(
        self, tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        chosen = ("tiny", "--variants", "plain", "--seeds", "0")
        cut_power(monkeypatch, epoch=1, step=1)
        with pytest.raises(PowerCut):
            study(tiny_data, tmp_path / "cut", *chosen)
        assert not list((tmp_path / "cut").glob("runs/*/*"))
        assert study(tiny_data, tmp_path / "cut", *chosen) == 0
        assert study(tiny_data, tmp_path / "whole", *chosen) == 0
        assert_same_run(*(tmp_path / name / "runs/tiny/plain@0" for name in ("cut", "whole")))

    def test_no_run_is_started_when_the_time_is_up(self, tiny_data: Path, tmp_path: Path) -> None:
        assert study(tiny_data, tmp_path, "tiny", "--limit-minutes", "0") == 0
        assert not (tmp_path / "runs").exists()

    def test_a_failed_run_is_told_and_the_others_go_on(
        self,
        tiny_data: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        def fail_one(arguments: Sequence[str], *rest: Any) -> tuple[int, float, str]:
            if arguments[0] == "tiny/mixed@0":
                return 1, 0.1, "out of memory"
            return in_process(arguments, *rest)

        monkeypatch.setattr(core.training.experiments.runner, "train_one", fail_one)
        assert study(tiny_data, tmp_path, "tiny", "--seeds", "0") == 1
        assert "out of memory" in capsys.readouterr().err
        assert len(read_study_table(tmp_path)) == 2, "plain, in tiny and in twin"

    def test_two_at_once_in_one_folder_are_refused(
        self, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / ".running").mkdir()
        with FileLock(tmp_path / ".running" / ".lock"):
            assert study(tiny_data, tmp_path, "tiny") == 1
        assert "--parallel" in capsys.readouterr().err

    def test_test_films_are_looked_at_once_and_only_when_complete(
        self, tiny_data: Path, tmp_path: Path
    ) -> None:
        runs = planned_runs(TINY_STUDY)
        study(tiny_data, tmp_path, "tiny", "--seeds", "0")
        with pytest.raises(StudyIncomplete):
            measure_study(runs, tiny_data, tmp_path, "too early")
        assert not (tmp_path / "test_looks.csv").exists()

        study(tiny_data, tmp_path, "tiny")
        logits = tmp_path / "runs/tiny/plain@1/test_logits.csv"
        assert list(pd.read_csv(logits).columns) == ["image", "logit"]
        hidden = logits.rename(tmp_path / "hidden.csv")
        with pytest.raises(LogitsMissing, match="plain@1"):
            measure_study(runs, tiny_data, tmp_path, "one has not read them")
        hidden.rename(logits)
        for weights in tmp_path.glob("runs/tiny/*/weights.safetensors"):
            weights.unlink()
        assert study(tiny_data, tmp_path, "tiny", "--test", "--why", "it is complete") == 0
        looks = pd.read_csv(tmp_path / "test_looks.csv")
        assert sorted(looks["model"]) == ["tiny/mixed@0", "tiny/plain@0", "tiny/plain@1"]
        assert set(looks["why"]) == {"it is complete"}
        assert looks["weights_sha256"].nunique() == 3
        table = read_study_table(tmp_path)
        assert table["test_loss"].notna().all()
        summary = read_run(tmp_path / "runs/tiny/plain@0").summary
        assert summary["metrics"]["test"]["threshold"] == summary["threshold"]
        assert sum(summary["metrics"]["test"]["confusion"].values()) == 6
        with pytest.raises(StudyMeasured):
            measure_study(runs, tiny_data, tmp_path, "again")
        assert len(pd.read_csv(tmp_path / "test_looks.csv")) == 3

    def test_the_films_held_out_are_read_in_other_frames(
        self, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        study(tiny_data, tmp_path, "tiny", "--seeds", "0")
        assert study(tiny_data, tmp_path, "tiny", "--frames") == 1
        assert "tiny" in capsys.readouterr().err
        study(tiny_data, tmp_path, "tiny")
        assert study(tiny_data, tmp_path, "tiny", "--frames") == 0
        read = pd.read_csv(tmp_path / "runs/tiny/plain@1/stress.csv")
        assert {PLAIN, *FRAMES} == set(read.columns[4:])
        table = read_study_table(tmp_path).set_index("run")
        assert table[FRAMES_LOSS].notna().all()
        called = (
            read[[PLAIN, *FRAMES]].map(sigmoid)
            >= read_run(tmp_path / "runs/tiny/plain@1").summary["threshold"]
        )
        same = [(called[frame] == called[PLAIN]).mean() for frame in FRAMES]
        assert table.loc["tiny/plain@1", FRAMES_UNCHANGED] == pytest.approx(np.mean(same))

    def test_a_look_without_a_reason_is_refused(self, tiny_data: Path, tmp_path: Path) -> None:
        with pytest.raises(SystemExit):
            study(tiny_data, tmp_path, "tiny", "--test")

    def test_the_plan_counts_and_times_what_is_left(
        self, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert study(tiny_data, tmp_path, "tiny", "twin", "--plan") == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[1].split()[:3] == ["tiny", "3", "3"]
        assert lines[2].split()[:3] == ["twin", "1", "0"]
        assert lines[-1].startswith("3 runs")

    @pytest.mark.parametrize("wrong", [("odd",), ("tiny", "--variants", "odd")])
    def test_unknown_names_are_refused(
        self, tiny_data: Path, tmp_path: Path, wrong: tuple[str, ...]
    ) -> None:
        with pytest.raises(SystemExit):
            study(tiny_data, tmp_path, *wrong)


class TestProcesses:
    """The runner with processes of its own, whose command is not training but quick."""

    def test_a_command_ends_fails_or_is_stopped(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log = tmp_path / "some" / "log"
        monkeypatch.setattr(core.training.experiments.runner, "ROOT", tmp_path)
        (tmp_path / "core").mkdir()
        (tmp_path / "core" / "__main__.py").write_text(
            "import os, sys, time\n"
            "assert sys.argv.pop(1) == 'train'\n"
            "print('threads', os.environ.get('OMP_NUM_THREADS'))\n"
            "time.sleep(float(sys.argv[1])); sys.exit(int(sys.argv[2]))\n"
        )
        status, minutes, words = train_one(["0", "3"], log, 1, None)
        assert (status, words) == (3, "threads 1")
        assert minutes > 0
        assert train_one(["0", "0"], log, None, None)[0] == 0
        assert not log.exists()
        assert train_one(["60", "0"], log, None, time.time() + 2)[0] == STOPPED
        assert train_one(["60", "0"], log, None, time.time() - 1) == (STOPPED, 0.0, "")

    def test_a_cluster_that_is_there_trains_instead(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            core.training.experiments.runner,
            "train_one",
            lambda arguments, *_: (0, 0.1, arguments[0]),
        )
        runs = planned_runs(TINY_STUDY)
        with distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
        ) as cluster:
            place = Place(cluster=cluster.scheduler_address)
            outcomes = list(train_all(runs, tmp_path, tmp_path, place))
        assert {outcome.run for outcome in outcomes} == set(runs)
        assert {outcome.log for outcome in outcomes} == {run.name for run in runs}

    def test_a_run_is_trained_by_a_process_of_its_own(
        self, tiny_data: Path, tmp_path: Path
    ) -> None:
        config = {**QUICK, "epochs": 1, "dropout": 0.0}
        [run] = planned_runs(
            Study(
                "real",
                "a",
                (Variant("a", seeds=(0,)),),
                {k: v for k, v in config.items() if k != "seed"},
            )
        )
        place = Place(parallel=2, accelerator="cpu")
        [outcome] = train_all([run], tiny_data, tmp_path, place)
        assert outcome.status == 0, outcome.log
        assert next(iter(finished_runs(tmp_path).values()))["name"] == "real/a@0"


class TestForecast:
    def test_the_time_left_is_that_of_the_same_network(self) -> None:
        runs = planned_runs(STUDIES["architecture-lungs"], {"resnet18", "densenet121"}, {0, 1})
        finished = {
            key_of(asdict(run.config)): {"config": asdict(run.config), "training_seconds": seconds}
            for run, seconds in zip(runs[:2], (600, 200), strict=True)
        }
        assert seconds_left(runs[2:], finished) == 800
        assert seconds_left(runs, {}) is None
        [(name, films, seconds)] = forecast({"architecture": runs[2:]}, finished, films=100)
        assert (name, films, seconds) == ("architecture", 2 * 100 * runs[0].config.epochs, 800)


class TestStatistics:
    def test_the_interval_is_that_of_scipy(self) -> None:
        values = [0.11, 0.13, 0.1, 0.15, 0.12]
        estimate = mean_over_seeds(values)
        test = stats.ttest_1samp(values, 0).confidence_interval(0.95)
        assert (estimate.low, estimate.high) == pytest.approx((test.low, test.high))
        assert estimate.sd == pytest.approx(np.std(values, ddof=1))

    def test_one_seed_has_no_interval(self) -> None:
        estimate = mean_over_seeds([0.2])
        assert (estimate.value, estimate.low, estimate.sd, estimate.n) == (0.2, None, None, 1)

    def test_a_rate_stays_a_rate(self) -> None:
        estimate = mean_over_seeds([0.9, 1.0], least=0, most=1)
        assert estimate.high == 1
        assert estimate.low == pytest.approx(0.95 - 12.706 * 0.05, abs=1e-3)

    def test_equal_seeds_have_an_interval_of_no_width(self) -> None:
        estimate = mean_over_seeds([0.5, 0.5, 0.5])
        assert (estimate.low, estimate.high) == (0.5, 0.5)

    def test_differences_are_taken_seed_by_seed(self) -> None:
        one, other = {0: 1.0, 1: 2.0, 2: 4.0}, {1: 1.5, 2: 3.0, 3: 9.0}
        difference = paired_difference(one, other)
        assert difference is not None
        test = stats.ttest_rel([2.0, 4.0], [1.5, 3.0]).confidence_interval(0.95)
        assert difference.value == pytest.approx(0.75)
        assert (difference.low, difference.high) == pytest.approx((test.low, test.high))
        assert paired_difference({0: 1.0}, {1: 1.0}) is None


class TestSettings:
    def test_a_run_from_before_has_the_settings_of_today(self) -> None:
        now = asdict(TrainConfig())
        before = {key: now[key] for key in now if key not in ("norm", "train_share", "teacher")}
        assert key_of(before) == key_of(now)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"augmentation": "wild"},
            {"augmentation": "all-wild"},
            {"train_share": 0.0},
            {"norm": "odd"},
            {"norm": "group", "architecture": STAND_IN, "init": "imagenet"},
        ],
    )
    def test_what_cannot_be_trained_is_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"policy|batch norm|must"):
            TrainConfig(**wrong)
