"""How fast a film is read, from its bytes to the verdict, beside the usual way to do it.

The usual way is what most projects write: torchvision's DenseNet121 in float32, Pillow to resize,
pytorch-grad-cam with a backward pass through the whole network, and its ``show_cam_on_image`` at
the film's own size. All ways take turns, so that what else the machine does hits all alike. The
film is drawn: nothing of a patient is needed.
"""

import io
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from core.data.samples import GALLERY_FOLDER
from core.evaluation.latency import cpu_name
from core.imaging import read_film
from core.inference.file_predictions import predict, sources
from core.inference.gate import admit
from core.inference.model import Diagnostician
from core.inference.overlay import OPACITY, fitted, overlay_picture
from core.models.weights import WEIGHTS_FOLDER, shipped_models
from core.results.benchmark import USUAL, Benchmark, Timing, write_benchmark

WIDTH_PX, HEIGHT_PX = 2000, 1600
DISPLAY_PX = 1024
"""The longer side of a film as a display shows it."""

FILMS = (0, 1, 50, 400)
"""After how many films memory is looked at."""

_QUALITY = 90
_BULK_FILMS = 60
_MATRIX_SIDE, _PRODUCTS = 2048, 10
_INPUT_PX = 224
_PAGES = Path("/proc/self/statm")
_PAGE_BYTES = 4096

Read = Callable[[bytes], object]


def film_bytes() -> bytes:
    """A synthetic film as a JPEG of ``WIDTH_PX`` by ``HEIGHT_PX`` pixels."""
    file = next(iter(sorted(GALLERY_FOLDER.rglob("*.png"))))
    with Image.open(file) as film:
        large = film.convert("L").resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.BICUBIC)
    written = io.BytesIO()
    large.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


def usual_way() -> Read:
    """The usual way, with random weights: they do not change its time."""
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.image import show_cam_on_image
    from torchvision.models import densenet121

    network = densenet121(num_classes=1).eval()
    cam = GradCAM(network, [network.features[-1]])

    def read(data: bytes) -> object:
        image = Image.open(io.BytesIO(data)).convert("RGB")
        pixels = np.asarray(image.resize((_INPUT_PX, _INPUT_PX)), np.float32) / 255
        batch = torch.from_numpy(pixels).permute(2, 0, 1)[None]
        with torch.no_grad():
            float(network(batch).sigmoid())
        heat = Image.fromarray(cam(batch, targets=None)[0]).resize(image.size)
        return show_cam_on_image(np.asarray(image, np.float32) / 255, np.asarray(heat), True)

    return read


def ways(models: Iterable[Diagnostician]) -> Iterator[tuple[str, str, Read]]:
    """All ways, each with its name and its model's."""
    yield USUAL, "densenet121", usual_way()
    for model in models:
        name = model.card.name
        yield "verdict", name, partial(_read, model, None)
        yield "display", name, partial(_read, model, DISPLAY_PX)
        yield "overlay", name, partial(_read, model, max(WIDTH_PX, HEIGHT_PX))


def _read(model: Diagnostician, longest_px: int | None, data: bytes) -> object:
    film = admit(read_film(data))
    diagnosis = model.diagnose(film)
    if longest_px is None:
        return diagnosis
    return overlay_picture(fitted(film.pixels, longest_px), diagnosis.heatmap, OPACITY)


def in_turn(reads: Sequence[Read], data: bytes, rounds: int) -> list[list[float]]:
    """The seconds of each way, a list a way, when they take turns; a first turn is not counted."""
    seconds: list[list[float]] = [[] for _ in reads]
    for turn in tqdm(range(rounds + 1), "Rounds"):
        for read, taken in zip(reads, seconds, strict=True):
            start = time.perf_counter()
            read(data)
            if turn:
                taken.append(time.perf_counter() - start)
    return seconds


def first_verdict(data: bytes) -> float:
    """Seconds from the start of a process to its first verdict."""
    start = time.time()
    with _process() as process:
        return process.submit(_verdict_at, data).result() - start


def memory_of(data: bytes, films: Sequence[int] = FILMS) -> Mapping[int, float]:
    """The memory of a process of its own, in MB, after it has read so many films."""
    with _process() as process:
        return process.submit(_memory_after, data, tuple(films)).result()


def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, get_context("spawn"))


def _verdict_at(data: bytes) -> float:
    _read(Diagnostician.load(), None, data)
    return time.time()


def _memory_after(data: bytes, films: Sequence[int]) -> dict[int, float]:
    model, found = Diagnostician.load(), {}
    for number in range(max(films) + 1):
        if number:
            _read(model, DISPLAY_PX, data)
        if number in films:
            pages = int(_PAGES.read_text(encoding="ascii").split()[1])
            found[number] = pages * _PAGE_BYTES / 1e6
    return found


def bulk_films_s(model: Diagnostician, data: bytes, films: int = _BULK_FILMS) -> float:
    """Films a second of a folder of films, as the command line reads it."""
    with TemporaryDirectory() as folder:
        for number in range(films):
            Path(folder, f"{number}.jpg").write_bytes(data)
        start = time.perf_counter()
        read = list(predict(model, sources([Path(folder)])))
        return len(read) / (time.perf_counter() - start)


def verdict_gflop(model: Diagnostician, data: bytes) -> float:
    """What all networks compute from a film's bytes to its verdict, in 1e9 operations."""
    from torch.utils.flop_counter import FlopCounterMode  # loads much that only this needs

    with FlopCounterMode(display=False) as counter:
        _read(model, None, data)
    return float(counter.get_total_flops()) / 1e9


def machine_gflop_s() -> float:
    """What torch does a second in a product of float32 matrices, the best of some, in 1e9."""
    matrix = torch.rand(_MATRIX_SIDE, _MATRIX_SIDE)
    seconds = []
    for _ in range(_PRODUCTS):
        start = time.perf_counter()
        torch.mm(matrix, matrix)
        seconds.append(time.perf_counter() - start)
    return float(2 * _MATRIX_SIDE**3 / min(seconds) / 1e9)


def measure(rounds: int, threads: int, results: Path, weights: Path = WEIGHTS_FOLDER) -> Benchmark:
    """Measure all shipped models beside the usual way, and write benchmark.json.

    Args:
        rounds: How often each way is taken.
        threads: For torch.
        results: Folder of results.
        weights: Folder that models ship in.

    Raises:
        WeightsError: A model's weights cannot be trusted.
    """
    torch.set_num_threads(threads)
    data = film_bytes()
    shipped = {name: Diagnostician.load(name, weights) for name in shipped_models(weights)}
    kinds, models, reads = zip(*ways(shipped.values()), strict=True)
    seconds = in_turn(reads, data, rounds)
    usual = float(np.median(seconds[0]))
    found = Benchmark(
        date=datetime.now(UTC).date().isoformat(),
        cpu=cpu_name(),
        threads=threads,
        torch=torch.__version__,
        film={"width_px": WIDTH_PX, "height_px": HEIGHT_PX, "bytes": len(data)},
        rounds=rounds,
        timings=tuple(
            Timing(
                kind,
                model,
                round(1000 * float(np.median(taken)), 1),
                round(1000 * float(np.percentile(taken, 95)), 1),
                round(usual / float(np.median(taken)), 2),
            )
            for kind, model, taken in zip(kinds, models, seconds, strict=True)
        ),
        start_s=round(first_verdict(data), 1),
        memory_mb={films: round(size) for films, size in memory_of(data).items()},
        bulk_films_s={name: round(bulk_films_s(each, data), 2) for name, each in shipped.items()},
        verdict_gflop={name: round(verdict_gflop(each, data), 2) for name, each in shipped.items()},
        machine_gflop_s=round(machine_gflop_s(), 1),
    )
    write_benchmark(found, results)
    return found
