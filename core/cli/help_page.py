"""docs/command_line.md: what each command's --help says, the same on every machine."""

import argparse
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = "100"
HEAD = """# Command line

<!-- Made by python -m core readme from the commands' --help; do not edit. -->

`python -m core` lists the commands. Run it with `.venv/bin/python`, or after \
`source .venv/bin/activate`.

To diagnose films:

```
python -m core predict film.dcm folder/              # a line a film
python -m core predict --json pred/ > answers.jsonl  # a JSON object a line
python -m core predict --cam heatmaps --csv table.csv pred/
python -m core predict study/ --dicom out/ --gsps    # DICOM objects into the study of each film
```

A JSON line has `file`, `model`, `verdict` (`NORMAL`, `PNEUMONIA` or `REVIEW`), `label` (the class \
at the operating point), `probability` (of pneumonia, calibrated), `threshold`, `warnings`, \
`error` and, with `--dicom`, `dicom`: the files written of the film \
([what they are](dicom.md#what-is-written)). Exit status: 0 when every file was read, 1 when some \
were not, 2 for wrong usage.

In the defaults below, `$CHEST_XRAY_DIR` is the folder that the variable names; other paths are \
relative to the repository."""


def help_page() -> str:
    """The whole page, as Markdown."""
    parts = [HEAD]
    commands: Mapping[str, str] = import_module("core.__main__").COMMANDS
    for name, words in commands.items():
        module = import_module(f"core.cli.{name.replace('-', '_')}")
        helps = "\n\n".join(f"```\n{words}\n```" for words in _helps(module.parser()))
        parts.append(f"## {name}\n\n{words[0].upper()}{words[1:]}.\n\n{helps}")
    return "\n\n".join(parts) + "\n"


def _helps(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The help of a command and of its own commands."""
    for action in parser._actions:
        action.default = _shown(action.dest, action.default)
    with _width():
        yield parser.format_help().strip()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for own in action.choices.values():
                yield from _helps(own)


def _shown(option: str, default: object) -> object:
    """A default as it reads on any machine: a path below the repository, or the variable."""
    if option == "data":
        return "$CHEST_XRAY_DIR"
    if not isinstance(default, Path):
        return default
    return default.relative_to(ROOT) if default.is_relative_to(ROOT) else option


@contextmanager
def _width() -> Iterator[None]:
    """One width of lines, whatever the terminal has."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = COLUMNS
    try:
        yield
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before
