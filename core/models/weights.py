"""The weights that ship: each a safetensors file beside its card, checked before it is used.

``read_card``, ``read_weights``, ``fill`` and ``ship`` do so for classifiers, gate and generator
alike. Nothing is ever unpickled, and a network never runs with weights other than the card's.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from core.imaging.framings import FILM, FRAMINGS
from core.messages.errors import UnknownModel, WeightsDamaged, WeightsMismatch, WeightsMissing
from core.models.folding import folded
from core.models.network import COARSE_STRIDE_PX, MEAN, POOLINGS, Network, build_network

CAM, GRAD_CAM = "cam", "grad_cam"
DEFAULT_METHODS = (CAM, GRAD_CAM)
"""Methods of explanation that come from the pass that reads the film."""

WEIGHTS_FOLDER = Path(__file__).resolve().parents[2] / "weights"
DEFAULT_MODEL = "efficientnet_lite2"

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Card = TypeVar("Card")
AnyNetwork = TypeVar("AnyNetwork", bound=nn.Module)


def sha256_of(weights: bytes) -> str:
    """The hash that a card keeps of its weights."""
    return hashlib.sha256(weights).hexdigest()


def weights_file(network: nn.Module, half: bool) -> bytes:
    """A network's weights as a safetensors file, in float16 or float32."""
    return save(_retyped(network.state_dict(), half))


def ship(
    card: "DataclassInstance", card_file: Path, weights: bytes | None, weights_place: Path
) -> None:
    """Write a card, and beside it its weights, where it has any of its own."""
    card_file.parent.mkdir(parents=True, exist_ok=True)
    if weights is not None:
        weights_place.write_bytes(weights)
    text = json.dumps(asdict(card), indent=2, ensure_ascii=False) + "\n"
    card_file.write_text(text, encoding="utf-8")


def read_card(file: Path, make: Callable[[Mapping[str, Any]], Card]) -> Card:
    """A card from its JSON file.

    Args:
        file: The file.
        make: Makes the card of the file's content; raises ValueError, TypeError or KeyError where
            that is no such card.

    Raises:
        WeightsMissing: The file is not there.
        WeightsDamaged: It is not what ``ship`` writes.
    """
    if not file.is_file():
        raise WeightsMissing(file=_shown(file))
    try:
        return make(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, TypeError, KeyError) as error:
        raise WeightsDamaged(file=_shown(file)) from error


def read_weights(file: Path, sha256: str) -> bytes:
    """A safetensors file's bytes, once they are known to be those of a card.

    Raises:
        WeightsMissing: The file is not there.
        WeightsDamaged: Its sha256 is not the card's.
    """
    if not file.is_file():
        raise WeightsMissing(file=_shown(file))
    weights = file.read_bytes()
    if sha256_of(weights) != sha256:
        raise WeightsDamaged(file=_shown(file))
    return weights


def fill(network: AnyNetwork, weights: bytes, file: Path, architecture: str) -> AnyNetwork:
    """The network with these weights in float32, in evaluation mode and without gradients.

    Args:
        network: Of the architecture that the weights are of.
        weights: A safetensors file's bytes.
        file: Where they are from, to tell of.
        architecture: What the network is, to tell of.

    Raises:
        WeightsMismatch: The file does not hold that network's weights.
    """
    try:
        network.load_state_dict(_retyped(load(weights), half=False))
    except (SafetensorError, RuntimeError) as error:
        raise WeightsMismatch(file=_shown(file), architecture=architecture) from error
    return network.eval().requires_grad_(False)


def _shown(file: Path) -> str:
    """A file as errors name it: those that each folder has, by their folder too."""
    is_named_alike = file.stem in ("card", "weights")
    return f"{file.parent.name}/{file.name}" if is_named_alike else file.name


def _retyped(state: dict[str, Tensor], half: bool) -> dict[str, Tensor]:
    """A state dict with its floating-point tensors as float16 or float32, each contiguous."""
    return {
        name: (tensor.half() if half else tensor.float()).contiguous()
        if tensor.is_floating_point()
        else tensor
        for name, tensor in state.items()
    }


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
        cam_scale: Value of the default heatmap drawn as full heat: the 99th percentile over the
            positive map values of held-out training films. Of ``cam`` it is in logits per whole
            lung area: what the logit would gain if all of the lungs looked like that place. Of
            ``grad_cam`` it is in logits per place of the map.
        run: The run folder under results/runs that trained it; an ensemble's are joined by ``+``.
        parameters: Number of weights.
        members: Of an ensemble, the names of the models whose logits it averages; else empty.
        framing: What of a film it reads, one of ``core.imaging.framings.FRAMINGS``. Of an ensemble
            this and the next two are those of its first member; each member has its own.
        pooling: What the last map becomes a logit by, one of ``core.models.network.POOLINGS``.
        map_stride_px: Pixels of the input to a place of the last map: 32, or 16 for a finer one.
        heat_method: How the default heatmap is made, one of ``DEFAULT_METHODS``.
        with_series: Further runs, each trained without a series of normal films, whose readings of
            that series temperature, operating point and review band were fitted on as well.
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
    framing: str = FILM
    pooling: str = MEAN
    map_stride_px: int = COARSE_STRIDE_PX
    heat_method: str = GRAD_CAM
    with_series: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "members", tuple(self.members))
        object.__setattr__(self, "with_series", tuple(self.with_series))
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
        for name, known in (
            ("framing", FRAMINGS),
            ("pooling", POOLINGS),
            ("map_stride_px", (COARSE_STRIDE_PX // 2, COARSE_STRIDE_PX)),
            ("heat_method", DEFAULT_METHODS),
        ):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be one of {known}, not {getattr(self, name)!r}")

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
    return read_card(folder / f"{name}.json", lambda content: ModelCard(**content))


def load_networks(card: ModelCard, folder: Path = WEIGHTS_FOLDER) -> tuple[Network, ...]:
    """The networks behind a card, ready to read: its own, or those of its members, in their order.

    Raises:
        UnknownModel: A member is not there.
        WeightsError: As ``load_network``, or the members are others than those of the card.
    """
    if not card.members:
        return (folded(load_network(card, folder)),)
    members = [load_card(name, folder) for name in card.members]
    if joined_sha256([member.sha256 for member in members]) != card.sha256:
        raise WeightsDamaged(file=f"{card.name}.json")
    return tuple(folded(load_network(member, folder)) for member in members)


def joined_sha256(members: Sequence[str]) -> str:
    """One hash of the hashes of an ensemble's members, in their order."""
    return sha256_of("+".join(members).encode())


def load_network(card: ModelCard, folder: Path = WEIGHTS_FOLDER) -> Network:
    """The network of a card, verified, in float32 and evaluation mode, without gradients.

    Raises:
        WeightsMissing: The file is not there.
        WeightsDamaged: Its sha256 is not the card's.
        WeightsMismatch: It does not hold the weights of the card's architecture.
    """
    file = folder / f"{card.name}.safetensors"
    weights = read_weights(file, card.sha256)
    try:
        network = build_network(
            card.architecture,
            card.size_px,
            pooling=card.pooling,
            fine=card.map_stride_px < COARSE_STRIDE_PX,
            framing=card.framing,
        )
    except ValueError as error:  # an architecture that cannot be pooled over the lungs
        raise WeightsMismatch(file=_shown(file), architecture=card.architecture) from error
    return fill(network, weights, file, card.architecture)


def save_card(card: ModelCard, weights: bytes | None, folder: Path = WEIGHTS_FOLDER) -> None:
    """Write a model's card, and its weights unless it is an ensemble."""
    ship(card, folder / f"{card.name}.json", weights, folder / f"{card.name}.safetensors")
