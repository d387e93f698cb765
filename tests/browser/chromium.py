"""Where the browser is. Run as a module: exit status 0 when Playwright's own Chromium is there."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def find_chromium() -> str | None:
    """Path of an installed Chromium, or of Playwright's own; None where there is neither."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return str(own) if own.is_file() else None


def needed_chromium() -> str:
    """The same for a test; without one it is skipped, and fails where CI is set."""
    executable = find_chromium()
    if executable is None:
        message = "no Chromium: run .ci/browser"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return executable


if __name__ == "__main__":
    sys.exit(0 if find_chromium() else 1)
