"""Imports of torchvision and timm without torch's compiler, which nothing here uses.

At import both mark functions that may not be compiled, and torchvision asks whether an operator
may be. Each loads ``torch._dynamo``: a second and 170 MB.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_COMPILER = "torch._dynamo"


@contextmanager
def without_compiler() -> Iterator[None]:
    """Let a stand-in answer for the compiler, unless it is loaded, and be gone afterwards.

    What is imported within stays importable by who does compile: then the real one is loaded.
    """
    if _COMPILER in sys.modules:
        yield
        return
    compiler, utils = ModuleType(_COMPILER), ModuleType(f"{_COMPILER}.utils")
    vars(compiler)["disable"] = lambda function, recursive=True, reason=None: function
    vars(utils)["is_compile_supported"] = lambda device: False
    stand_ins = {each.__name__: each for each in (compiler, utils)}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            del sys.modules[name]
