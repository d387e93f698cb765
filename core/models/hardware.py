"""What this machine can do, decided at run time."""

import ctypes
import sys

import torch

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4


def precision(accelerator: str = "auto") -> str:
    """Lightning's name of the fastest safe arithmetic here: bf16 where the processor has it.

    Args:
        accelerator: ``cpu``, or anything that prefers a GPU.
    """
    if accelerator != "cpu" and torch.cuda.is_available():
        return "bf16-mixed" if torch.cuda.is_bf16_supported() else "32-true"
    has_bf16 = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return "bf16-mixed" if has_bf16 else "32-true"


def is_bf16_fast(device: str = "cpu") -> bool:
    """Whether bfloat16 is the fastest safe arithmetic of a device: ``cpu`` or ``cuda``."""
    return precision(device) == "bf16-mixed"


def reading_device() -> torch.device:
    """Where many films are read fastest."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def keep_freed_memory() -> None:
    """Let glibc keep freed memory for the next step instead of giving it back to the kernel.

    Large activations are otherwise mapped and zeroed anew at every step; on two cores this made
    DenseNet121 train a quarter faster. Elsewhere than on glibc it does nothing.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_MAX, 0)
        mallopt(_TRIM_THRESHOLD, 2**31 - 1)
        mallopt(_TOP_PAD, 2**28)
