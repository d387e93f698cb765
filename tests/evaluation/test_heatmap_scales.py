"""What is full heat: measured on held-out films, and bound to the weights."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.cli.scales import main
from core.evaluation.heatmap_scales import scales
from core.inference.explanation_methods import METHODS, averaged, percentile
from core.models import load_card
from core.models.network import MEAN
from core.models.weights import GRAD_CAM, save_card
from core.results.model_records import Scale, scales_of
from tests.support.runs import write_run

ALL_BUT_GRAD_CAM = [
    name for name, method in METHODS.items() if MEAN in method.poolings and name != GRAD_CAM
]


@pytest.fixture(scope="module")
def measured(
    tiny_data: Path, tiny_ensemble: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The results of measuring a network and an ensemble with it, on few films."""
    results = tmp_path_factory.mktemp("results")
    for run in ("tiny-run", "large-run"):
        write_run(results, run, tiny_data)
    assert main(["tiny", "pair", *arguments(tiny_data, tiny_ensemble, results)]) == 0
    return results


def arguments(data: Path, weights: Path, results: Path) -> list[str]:
    places = ["--data", str(data), "--weights", str(weights), "--results", str(results)]
    return [*places, "--films", "4", "--costly-films", "1"]


class TestPercentile:
    def test_it_is_of_the_positive_values_alone(self, random: np.random.Generator) -> None:
        positive = random.random(1000, dtype=np.float32) + 0.5
        maps = np.concatenate([positive, np.zeros(5000, np.float32)])
        assert percentile(maps) == pytest.approx(np.percentile(positive, 99), rel=1e-5)

    def test_maps_without_evidence_have_a_scale_all_the_same(self) -> None:
        assert percentile(np.zeros((2, 3, 3), np.float32)) == 1


class TestScales:
    def test_each_network_counts_in_its_own_unit_but_for_logits(
        self, random: np.random.Generator
    ) -> None:
        small, large = (
            {name: size * random.random((5, 3, 3), dtype=np.float32) for name in ALL_BUT_GRAD_CAM}
            for size in (1, 1000)
        )
        found = scales([small, large])
        assert found["layer_cam"].divisors == (1.0, 1.0)
        own = [percentile(maps["eigen_cam"]) for maps in (small, large)]
        assert found["eigen_cam"].divisors == tuple(own)
        mean = averaged([small["eigen_cam"], large["eigen_cam"]], own)
        assert found["eigen_cam"].full_heat == percentile(mean)
        assert found["eigen_cam"].full_heat < 1.1, "as a share of full heat of the networks"

    def test_every_method_but_that_of_the_card_is_measured(
        self, measured: Path, tiny_ensemble: Path
    ) -> None:
        for model, networks in (("tiny", 1), ("pair", 2)):
            card = load_card(model, tiny_ensemble)
            found = scales_of(model, card.sha256, measured)
            assert list(found) == ALL_BUT_GRAD_CAM
            for name, scale in found.items():
                assert len(scale.divisors) == networks
                assert scale.films == (1 if METHODS[name].masked_passes else 4)

    def test_scales_of_other_weights_are_none(self, measured: Path, tiny_ensemble: Path) -> None:
        assert scales_of("tiny", "0" * 64, measured) == {}
        assert scales_of("large", load_card("large", tiny_ensemble).sha256, measured) == {}

    def test_a_method_without_a_scale_is_left_out(self, measured: Path, tmp_path: Path) -> None:
        content = json.loads((measured / "scales" / "tiny.json").read_text(encoding="utf-8"))
        del content["methods"]["score_cam"]
        (tmp_path / "scales").mkdir()
        (tmp_path / "scales" / "tiny.json").write_text(json.dumps(content))
        found = scales_of("tiny", content["weights_sha256"], tmp_path)
        assert list(found) == [name for name in ALL_BUT_GRAD_CAM if name != "score_cam"]
        assert all(isinstance(scale, Scale) for scale in found.values())

    def test_a_model_that_cannot_be_measured_is_told(
        self,
        tiny_data: Path,
        tiny_weights: Path,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        places = arguments(tiny_data, tiny_weights, tmp_path)
        assert main(["nobody", *places]) == 1
        assert main(["tiny", *places]) == 1
        printed = capsys.readouterr().err
        assert "no model named nobody" in printed
        assert "no run in tiny-run" in printed
        assert not (tmp_path / "scales").exists()

    def test_weights_that_change_ask_for_new_scales(
        self, measured: Path, tiny_ensemble: Path, tmp_path: Path
    ) -> None:
        card = replace(load_card("tiny", tiny_ensemble), sha256="1" * 64)
        save_card(card, None, tmp_path)
        assert scales_of("tiny", load_card("tiny", tmp_path).sha256, measured) == {}
