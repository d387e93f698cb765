"""The command line: ``python -m core COMMAND``; without a command it lists the commands."""

import errno
import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = {
    "serve": "start the app",
    "predict": "diagnose films: files and folders",
    "commission": "measure and fit a model on a site's own films",
    "train": "train a network on a folder of chest films",
    "study": "train and measure the runs of a study",
    "stress": "measure finished runs on held-out films under stress",
    "select": "choose among candidates and record the choice",
    "publish": "publish a run, or an ensemble of runs, as a model",
    "evaluate": "measure a shipped model on a set of films",
    "scales": "measure the scale of each heatmap method",
    "masking": "measure how faithful a model's heatmaps are",
    "benchmark": "measure how fast a film is read, beside the usual way",
    "latency": "measure size and speed of each architecture on this CPU",
    "train-gate": "train the input gate and publish it",
    "measure-gate": "measure the input gate",
    "train-lungs": "train the lungs segmenter and publish it",
    "measure-lungs": "measure the lungs segmenter against human outlines",
    "train-population": "train the population reader and publish it",
    "measure-population": "measure the population reader",
    "generate": "train the generator of synthetic films, draw films, measure them",
    "describe": "count the films of a data folder",
    "readme": "write the generated parts of READMEs and docs",
    "card": "write the model card and the reporting checklists",
}
"""Each command with what it does; its module is ``core.cli.COMMAND``."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def listed() -> str:
    """The commands, a line each."""
    lines = [f"  {name:{max(map(len, COMMANDS))}}  {words}" for name, words in COMMANDS.items()]
    usage = "usage: python -m core COMMAND ...\n\nCOMMAND --help lists its options. Commands:\n"
    return "\n".join([usage, *lines])


def main(arguments: Sequence[str]) -> int:
    """Run a command. Returns its exit status; 2 where there is no such command."""
    name, *rest = arguments or ["--help"]
    if name in ("-h", "--help"):
        print(listed())
        return 0
    if name not in COMMANDS:
        print(f"error: no command {name}\n\n{listed()}", file=sys.stderr)
        return 2
    try:
        status: int = import_module(f"core.cli.{name.replace('-', '_')}").main(rest)
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        from core.messages.errors import NotWritten  # a command alone needs the catalogue
        from core.messages.plain import why

        told = NotWritten(file=error.filename or "The output", reason=why(error))
        print(f"error: {told}", file=sys.stderr)
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
