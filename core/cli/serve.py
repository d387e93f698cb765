"""Start the app: ``python -m core serve --help``."""

import argparse

from core.ui.frame.serve import serve

INTERRUPTED = 130
"""Exit status of a program that Ctrl-C ended."""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    return argparse.ArgumentParser(
        prog="python -m core serve",
        description="Start the app. Every option of `streamlit run` is passed on, such as "
        "--server.port 8502 and --server.headless true.",
        usage="%(prog)s [OPTIONS OF STREAMLIT RUN]",
        allow_abbrev=False,
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Serves until the process ends; its exit status is the server's."""
    _, options = parser().parse_known_args(arguments)
    try:
        serve(options)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0
