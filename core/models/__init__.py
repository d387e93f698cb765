"""Architectures as data, the networks built from them, and the weights that ship."""

from core.models.network import Network, build_network
from core.models.registry import REGISTRY, ModelSpec
from core.models.weights import ModelCard, load_card, load_networks, shipped_models

__all__ = [
    "REGISTRY",
    "ModelCard",
    "ModelSpec",
    "Network",
    "build_network",
    "load_card",
    "load_networks",
    "shipped_models",
]
