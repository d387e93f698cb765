"""Let PyTorch run without CUDA's libraries: ``python without_cuda.py``, once, after installing it.

For Linux on x86-64 the package index has PyTorch with CUDA alone. Its libraries need those of
NVIDIA and Triton, 4 GB that a machine without a GPU never calls. This builds small libraries of the
same names, with the functions that PyTorch needs of them. Each returns CUDA's "no device", so
PyTorch uses the processor. Needs gcc and binutils. Where none is missing, nothing is done.
"""

import re
import subprocess
import sysconfig
from pathlib import Path
from tempfile import NamedTemporaryFile

NO_DEVICE = 100
LIBRARY = re.compile(r"\[(lib(?:cu|nccl|nv)\w*\.so[.\d]*)\]")
VERSION = re.compile(r"File: (\S+) +Cnt: 1\n.* Name: (\S+)")
FUNCTION = re.compile(r" [Uw] ((?:__cuda|cu|nccl|nv)\w+)(?:@(\S+))?")


def printed(*command: str | Path) -> str:
    """What a command prints."""
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return done.stdout


def build(library: Path, version: str, functions: set[str]) -> None:
    """Build a library whose functions, of a version if it has one, all return "no device"."""
    source = f"int no_device(void) {{ return {NO_DEVICE}; }}\n" + "".join(
        f'int {name}(void) __attribute__((alias("no_device")));\n' for name in sorted(functions)
    )
    with NamedTemporaryFile("w", suffix=".map") as versions:
        versions.write(f"{version} {{ *; }};")
        versions.flush()
        names = f"-Wl,-soname,{library.name},--version-script,{versions.name}"
        compiler = ["gcc", "-shared", "-fPIC", "-w", names, "-x", "c", "-", "-o", str(library)]
        subprocess.run(compiler, check=True, input=source.encode())  # noqa: S603


def main() -> None:
    """Build the libraries in PyTorch's folder, where it looks for them."""
    folder = Path(sysconfig.get_path("purelib"), "torch", "lib")
    own = sorted(folder.glob("*.so"))
    versions = dict(VERSION.findall(printed("readelf", "--version-info", *own)))
    functions = FUNCTION.findall(printed("nm", "--dynamic", "--undefined-only", *own))
    libraries = sorted(set(LIBRARY.findall(printed("readelf", "--dynamic", *own))))
    for library in libraries:
        version = versions.get(library, "")
        build(folder / library, version, {name for name, asked in functions if asked == version})
    print(f"{len(libraries)} libraries of CUDA replaced")


if __name__ == "__main__":
    main()
