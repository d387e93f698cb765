"""What each architecture costs on this CPU: parameters, FLOPs, the file's size, and time."""

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from core.models import REGISTRY, Network, build_network
from core.models.weights import weights_file
from core.results.folder import write_table
from core.results.latency import LATENCY_COLUMNS

_SECONDS = 3
_CPU_INFO = Path("/proc/cpuinfo")


def cpu_name() -> str:
    """This machine's processor, by the name that its maker gave it."""
    if _CPU_INFO.is_file():
        for line in _CPU_INFO.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def cost_of(architecture: str, size_px: int) -> dict[str, Any]:
    """A row of latency.csv: one film at a time, float32, one thread.

    Args:
        architecture: The registry's name.
        size_px: Input side.
    """
    from torch.utils.flop_counter import FlopCounterMode

    network = build_network(architecture, size_px).eval()
    film = torch.rand(1, 1, size_px, size_px)
    with torch.inference_mode():
        with FlopCounterMode(display=False) as counter:
            network(film)
        times = _milliseconds(network, film)
    return {
        "architecture": architecture,
        "size_px": size_px,
        "params": sum(weights.numel() for weights in network.parameters()),
        "gflops": counter.get_total_flops() / 1e9,
        "file_mb": len(weights_file(network, half=True)) / 1e6,
        "ms": float(np.median(times)),
        "ms_quickest": min(times),
        "cpu": cpu_name(),
    }


def measure(sizes: Sequence[int], results: Path) -> Path:
    """Measure every architecture on one thread, and write latency.csv.

    Args:
        sizes: Input sides, in pixels.
        results: Folder of results.

    Returns:
        The file.
    """
    torch.set_num_threads(1)
    each = [(name, size) for size in sizes for name in REGISTRY]
    rows = [cost_of(name, size) for name, size in tqdm(each, "Measuring", unit="network")]
    results.mkdir(parents=True, exist_ok=True)
    write_table(results / "latency.csv", pd.DataFrame(rows, columns=list(LATENCY_COLUMNS)))
    return results / "latency.csv"


def _milliseconds(network: Network, film: torch.Tensor) -> list[float]:
    from torch.utils.benchmark import Timer  # loads much that only this needs

    timer = Timer("network(film)", globals={"network": network, "film": film}, num_threads=1)
    return [1000 * seconds for seconds in timer.blocked_autorange(min_run_time=_SECONDS).times]
