"""An ensemble with another seed of each member, from recorded predictions alone."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from core.cli.evaluate import main as evaluate
from core.data.conditions import CONDITIONS
from core.evaluation.evaluate import measure
from core.evaluation.other_seeds import with_seed
from core.evaluation.selection import pooled, stress_of
from core.inference.evidence import read_logits
from core.inference.model import Diagnostician
from core.messages.errors import EvaluationMissing, RunMissing
from core.metrics.calibration import calibrated
from core.models import ModelCard, load_card
from core.results.evaluations import read_evaluations
from tests.support.runs import write_record, write_run

RUNS = {"tiny": "tiny-run", "large": "large-run"}
FILMS = 30


@pytest.fixture
def results(tmp_path: Path, tiny_ensemble: Path, random: np.random.Generator) -> Path:
    """The pair's runs with seeds 0 and 1, under stress, and its members measured with seed 1."""
    truth = np.arange(FILMS) % 2
    films = pd.DataFrame(
        {
            "image": [f"{number}.png" for number in range(FILMS)],
            "patient": [str(number) for number in range(FILMS)],
            "split": "validation",
            "truth": truth,
        }
    )
    for size_px, (member, run) in enumerate(RUNS.items()):
        for seed in (0, 1):
            name = f"{run}-s{seed}" if seed else run
            folder = write_run(tmp_path, name, seed=seed, size_px=size_px)
            logits = random.normal(2 * truth - 1, 1.5, (len(CONDITIONS), FILMS))
            columns = dict(zip(CONDITIONS, logits, strict=True))
            films.assign(**columns).to_csv(folder / "stress.csv", index=False)
        raw = stress_of([f"{run}-s1"], tmp_path)[CONDITIONS[0]]
        measure_seed(load_card(member, tiny_ensemble), films, raw, "ward", tmp_path)
    return tmp_path


def measure_seed(
    card: ModelCard, films: pd.DataFrame, raw: Sequence[float], dataset: str, results: Path
) -> None:
    """Measure a member's seed 1, which had these logits before calibration."""
    temperature, threshold, band = calibrated(pooled(stress_of([f"{card.run}-s1"], results)))
    own = replace(
        card,
        name=f"{card.name}@1",
        threshold=threshold,
        review_low=band.low,
        review_high=band.high,
    )
    measure(own, films.assign(logit=np.asarray(raw) / temperature), dataset, results)


@pytest.fixture
def pair(tiny_ensemble: Path) -> ModelCard:
    return load_card("pair", tiny_ensemble)


def test_its_logits_are_the_mean_of_its_members_before_calibration(
    results: Path, pair: ModelCard
) -> None:
    card, predictions = with_seed(pair, 1, "ward", results)
    stress = stress_of(["tiny-run-s1", "large-run-s1"], results)
    temperature, threshold, band = calibrated(pooled(stress))
    assert (card.name, card.runs) == ("pair@1", ("tiny-run-s1", "large-run-s1"))
    assert (card.temperature, card.threshold) == (temperature, threshold)
    assert (card.review_low, card.review_high) == (band.low, band.high)
    np.testing.assert_allclose(
        predictions["logit"] * temperature, stress[CONDITIONS[0]], rtol=1e-4, atol=1e-4
    )
    assert card.sha256 == pair.sha256, "seed 1 was given the weights that ship"


def test_the_order_of_a_members_films_does_not_matter(results: Path, pair: ModelCard) -> None:
    _, before = with_seed(pair, 1, "ward", results)
    file = results / "evaluations" / "tiny@1" / "ward.csv"
    pd.read_csv(file).iloc[::-1].to_csv(file, index=False)
    _, after = with_seed(pair, 1, "ward", results)
    pd.testing.assert_frame_equal(before, after)


@pytest.mark.parametrize("changed", ["unmeasured", "older calibration"])
def test_what_was_not_measured_as_it_is_now_is_told(
    results: Path, pair: ModelCard, changed: str
) -> None:
    file = results / "evaluations" / "large@1" / "ward.json"
    if changed == "unmeasured":
        file.unlink()
    else:
        file.write_text(file.read_text().replace('"threshold": 0.', '"threshold": 0.0'))
    with pytest.raises(EvaluationMissing, match="large@1"):
        with_seed(pair, 1, "ward", results)


def test_a_seed_that_was_not_trained_and_a_single_network_are_told(
    results: Path, pair: ModelCard, tiny_ensemble: Path
) -> None:
    with pytest.raises(RunMissing, match="seed 2"):
        with_seed(pair, 2, "ward", results)
    with pytest.raises(EvaluationMissing, match="tiny@1"):
        with_seed(load_card("tiny", tiny_ensemble), 1, "ward", results)


def test_the_command_gives_what_the_networks_themselves_would_have_said(
    tiny_data: Path, tiny_ensemble: Path, results: Path
) -> None:
    """Seed 1 is given the weights that ship, so that the pair itself can be asked."""
    common = ["--weights", str(tiny_ensemble), "--data", str(tiny_data)]
    common += ["--results", str(results)]
    write_record(results, "ensemble", list(RUNS.values()))
    for member in RUNS:
        model = Diagnostician.load(member, tiny_ensemble)
        films = torch.rand(6, 1, 224, 224, generator=torch.Generator().manual_seed(1))
        table = pd.DataFrame({"image": list("abcdef"), "patient": list("abcdef")})
        table = table.assign(split="test", truth=[0, 1] * 3)
        measure_seed(
            model.card,
            table,
            read_logits(model.networks, model.segmenter.each(films)),
            "test",
            results,
        )
    asked = ["--model", "pair", "--seed", "1", "--why", "other seeds", *common]
    assert evaluate(asked) == 0
    found = read_evaluations("pair@1", results)["test"]
    pair = Diagnostician.load("pair", tiny_ensemble)
    stress = stress_of([f"{run}-s1" for run in RUNS.values()], results)
    expected = (
        read_logits(pair.networks, pair.segmenter.each(films)) / calibrated(pooled(stress))[0]
    )
    np.testing.assert_allclose(found.predictions["logit"], expected, rtol=1e-3, atol=1e-4)
    assert pd.read_csv(results / "test_looks.csv")["model"].tolist() == ["pair@1"]
