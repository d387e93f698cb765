"""The weights that ship: each a safetensors file beside its card, checked before it is used.

Nothing is ever unpickled, and a network never runs with weights other than the card's.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from core.messages.errors import UnknownModel, WeightsDamaged, WeightsMismatch, WeightsMissing
from core.models.network import Network, build_network

WEIGHTS_FOLDER = Path(__file__).resolve().parents[2] / "weights"
DEFAULT_MODEL = "ensemble"


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of a shipped model; the JSON file beside its weights.

    Args:
        name: Name on the command line and in the app.
        version: Version of these weights.
        architecture: The registry's name.
        size_px: Input side, in pixels; of an ensemble the largest of its members'.
        sha256: Of the safetensors file; of an ensemble that of its members' sha256, joined.
        temperature: Logits are divided by it, so that probabilities are frequencies.
        threshold: Operating point: a calibrated probability at or over it is called pneumonia. It
            weighs both errors alike on held-out films, over all stress conditions.
        review_low: A probability from here ...
        review_high: ... to under here is for a radiologist to review.
        review_alpha: The share of each class that the conformal band may leave on the wrong side.
        cam_scale: Grad-CAM value drawn as full heat: the 99th percentile over the positive map
            values of held-out training films, in logits.
        run: The run folder under results/runs that trained it; an ensemble's are joined by ``+``.
        parameters: Number of weights.
        members: Of an ensemble, the names of the models whose logits it averages; else empty.
    """

    name: str
    version: str
    architecture: str
    size_px: int
    sha256: str
    temperature: float
    threshold: float
    review_low: float
    review_high: float
    review_alpha: float
    cam_scale: float
    run: str
    parameters: int
    members: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "members", tuple(self.members))
        if not 0 < self.threshold < 1:
            raise ValueError(f"threshold must lie between 0 and 1, not {self.threshold}")
        if not 0 <= self.review_low <= self.threshold <= self.review_high <= 1:
            raise ValueError(
                "the review band must hold the threshold, but got "
                f"[{self.review_low}, {self.review_high}) and {self.threshold}"
            )
        if self.temperature <= 0:
            raise ValueError(f"temperature must be positive, not {self.temperature}")
        if self.cam_scale <= 0:
            raise ValueError(f"cam_scale must be positive, not {self.cam_scale}")

    @property
    def runs(self) -> tuple[str, ...]:
        """The runs behind it."""
        return tuple(self.run.split("+"))


def shipped_models(folder: Path = WEIGHTS_FOLDER) -> tuple[str, ...]:
    """Names of the models that ship, the default one first."""
    names = sorted(path.stem for path in folder.glob("*.json"))
    return tuple(sorted(names, key=lambda name: name != DEFAULT_MODEL))


def load_card(name: str, folder: Path = WEIGHTS_FOLDER) -> ModelCard:
    """The card of a shipped model.

    Raises:
        UnknownModel: No card of that name.
        WeightsDamaged: The card is not what ``save_card`` writes.
    """
    known = shipped_models(folder)
    if name not in known:
        raise UnknownModel(name=name, known=", ".join(known) or "-")
    file = folder / f"{name}.json"
    try:
        return ModelCard(**json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise WeightsDamaged(file=file.name) from error


def load_networks(card: ModelCard, folder: Path = WEIGHTS_FOLDER) -> tuple[Network, ...]:
    """The networks behind a card: its own, or those of its members, in their order.

    Raises:
        UnknownModel: A member is not there.
        WeightsError: As ``load_network``, or the members are others than those of the card.
    """
    if not card.members:
        return (load_network(card, folder),)
    members = [load_card(name, folder) for name in card.members]
    if joined_sha256([member.sha256 for member in members]) != card.sha256:
        raise WeightsDamaged(file=f"{card.name}.json")
    return tuple(load_network(member, folder) for member in members)


def joined_sha256(members: Sequence[str]) -> str:
    """One hash of the hashes of an ensemble's members, in their order."""
    return hashlib.sha256("+".join(members).encode()).hexdigest()


def load_network(card: ModelCard, folder: Path = WEIGHTS_FOLDER) -> Network:
    """The network of a card, verified, in float32 and evaluation mode, without gradients.

    Raises:
        WeightsMissing: The file is not there.
        WeightsDamaged: Its sha256 is not the card's.
        WeightsMismatch: It does not hold the weights of the card's architecture.
    """
    file = folder / f"{card.name}.safetensors"
    if not file.is_file():
        raise WeightsMissing(file=file.name)
    data = file.read_bytes()
    if hashlib.sha256(data).hexdigest() != card.sha256:
        raise WeightsDamaged(file=file.name)
    try:
        return network_of(data, card.architecture, card.size_px)
    except (SafetensorError, RuntimeError) as error:
        raise WeightsMismatch(file=file.name, architecture=card.architecture) from error


def network_of(weights: bytes, architecture: str, size_px: int) -> Network:
    """The network of a safetensors file's bytes, in float32 and evaluation mode.

    Raises:
        SafetensorError: The bytes are no such file.
        RuntimeError: The weights are not the architecture's.
    """
    network = build_network(architecture, size_px)
    network.load_state_dict(_retyped(load(weights), half=False))
    return network.eval().requires_grad_(False)


def weights_file(network: Network, half: bool) -> bytes:
    """The network's weights as a safetensors file, in float16 or float32."""
    return save(_retyped(network.state_dict(), half))


def save_card(card: ModelCard, weights: bytes | None, folder: Path = WEIGHTS_FOLDER) -> None:
    """Write a model's card, and its weights unless it is an ensemble."""
    folder.mkdir(parents=True, exist_ok=True)
    if weights is not None:
        (folder / f"{card.name}.safetensors").write_bytes(weights)
    text = json.dumps(asdict(card), indent=2, ensure_ascii=False) + "\n"
    (folder / f"{card.name}.json").write_text(text, encoding="utf-8")


def _retyped(state: dict[str, Tensor], half: bool) -> dict[str, Tensor]:
    """A state dict with its floating-point tensors as float16 or float32, each contiguous."""
    return {
        name: (tensor.half() if half else tensor.float()).contiguous()
        if tensor.is_floating_point()
        else tensor
        for name, tensor in state.items()
    }
