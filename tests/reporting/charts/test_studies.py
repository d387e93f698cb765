"""The studies behind a model, as the pages read them."""

from pathlib import Path

from core.results.folder import write_json
from core.results.model_records import Masking, choices_of, masking_of, metrics_by_seed
from tests.support.made_up import candidate, predictions, write_choice, write_evaluation, write_run

FILMS = predictions(20, 20)


def test_only_choices_that_fell_on_these_runs_are_read_the_latest_first(tmp_path: Path) -> None:
    write_run(tmp_path, "a")
    one, two = candidate(["a"], plain=0.9), candidate(["b"], plain=0.95)
    write_choice(tmp_path, "early", [two, one], ["a"], "2025-01-01")
    write_choice(tmp_path, "late", [one], ["a"], "2025-03-01")
    write_choice(tmp_path, "other", [one, two], ["b"])
    late, early = choices_of(["a"], tmp_path)
    assert (late.name, early.name) == ("late", "early")
    assert early.chosen == one
    assert early.others == (two,)
    assert early.films == 80
    assert choices_of(["b"], tmp_path)[0].films is None
    assert choices_of(["c"], tmp_path) == ()


def test_an_ensembles_choice_is_found_whatever_the_order_of_its_runs(tmp_path: Path) -> None:
    write_choice(tmp_path, "pair", [candidate(["a", "b"], plain=0.9)], ["a", "b"])
    assert len(choices_of(["b", "a"], tmp_path)) == 1
    assert choices_of(["a"], tmp_path) == ()


def test_seeds_are_the_shipped_weights_and_the_folders_beside_them(tmp_path: Path) -> None:
    for name, weights in (("m", "a"), ("m@0", "a"), ("m@1", "b"), ("mm@2", "c")):
        write_evaluation(tmp_path, name, "test", FILMS, weights_sha256=weights * 64)
    write_evaluation(tmp_path, "m@3", "test", FILMS, weights_sha256="d" * 64, version="0.9.0")
    seeds = metrics_by_seed("m", "test", tmp_path)
    assert [seed["weights_sha256"][0] for seed in seeds] == ["a", "b"]
    assert metrics_by_seed("m", "elsewhere", tmp_path) == ()


def test_masking_of_other_weights_is_not_told(tmp_path: Path) -> None:
    assert masking_of("m", "a", tmp_path) is None
    (tmp_path / "masking").mkdir()
    rest = {"hot_share": 0.2, "random_masks": 10, "lowered": {}}
    write_json(tmp_path / "masking" / "m.json", {"weights_sha256": "a", "films": 3, **rest})
    assert masking_of("m", "b", tmp_path) is None
    assert masking_of("m", "a", tmp_path) == Masking(films=3, **rest)
