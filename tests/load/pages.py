"""Browsers upload film after film to the app as ``make run`` starts it; each verdict is checked.

Every upload is a file of its own, so that no verdict of the same bytes can stand for it, and the
page is asked for the verdict of that very file. A reader's list grows to ``FILMS_A_LIST`` films and
is then cleared.
"""

import asyncio
import hashlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median

import numpy as np
from playwright.async_api import Browser, Page, async_playwright

from core.evaluation.latency import cpu_name
from core.messages.catalogue import text
from core.reporting.captions.verdict import probability_words
from core.results.load import PageLoad
from tests.browser.chromium import FLAGS
from tests.load.distinct import distinct
from tests.load.process import cpu_s, memory_mb
from tests.load.running import CLOSE, Expected
from tests.support.served import serving

FILMS_A_LIST, MEMORY_EVERY = 10, 100
_LOOK_SECONDS = 0.25
_WAIT_MS = 180_000
_DRAWN = """sha256 => new Promise((drawn) => {
  const chosen = `[data-film^="${sha256}"] [data-panel=overlay] canvas`;
  const look = () => {
    const roots = Array.from(document.querySelectorAll(".st-key-viewer *"), (part) => part.shadowRoot);
    const canvas = roots.map((root) => root?.querySelector(chosen)).find(Boolean);
    const line = canvas?.width && canvas.getContext("2d").getImageData(canvas.width >> 1, 0, 1, canvas.height).data;
    if (line && line.some((value, at) => at % 4 < 3 && value)) drawn();
    else requestAnimationFrame(look);
  };
  look();
})"""  # noqa: E501
"""Looks at every frame for the picture of a film; until its greys have come, its canvas is black.

Playwright's own waiting looks less and less often: it would add up to half a second.
"""


@dataclass(slots=True)
class Seen:
    """What all browsers noted."""

    waits: list[float] = field(default_factory=list)
    mix_ups: int = 0
    errors: list[str] = field(default_factory=list)
    memory_mb: dict[int, float] = field(default_factory=dict)
    peak_mb: float = 0.0


@dataclass(slots=True)
class Run:
    """What is the same for all browsers of a run.

    Args:
        films: That the command line does not refuse.
        known: What it says of them.
        numbers: Of the uploads, each given once; a run ends where they end.
        address: Of the app, once it runs.
        server: Its process.
        seen: What was seen so far.
    """

    films: Sequence[Path]
    known: Expected
    numbers: Iterator[int]
    address: str = ""
    server: int = 0
    seen: Seen = field(default_factory=Seen)


def load_pages(
    executable: str,
    films: Sequence[Path],
    browsers: int,
    known: Expected,
    seconds: float | None = None,
    uploads: int | None = None,
) -> PageLoad:
    """Start the app, let browsers upload to it for a while, and stop it.

    Args:
        executable: Of Chromium.
        films: Each browser uploads all of them in turn, from another one on; files that the command
            line refuses are left out.
        browsers: How many pages.
        known: What the command line says of the films.
        seconds: How long they upload; an upload that has begun is ended.
        uploads: How many files they upload in all; without an end if None.
    """
    read = [film for film in films if known[str(film)][1] is not None]
    numbers = count(1) if uploads is None else iter(range(1, uploads + 1))
    return asyncio.run(_opened(executable, Run(read, known, numbers), browsers, seconds))


async def _opened(executable: str, run: Run, browsers: int, seconds: float | None) -> PageLoad:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        readers = [Reader(run, chromium, number) for number in range(browsers)]
        begun = time.monotonic()
        with serving(["-m", "core", "serve", "--server.address", "127.0.0.1"]) as (port, server):
            run.address, run.server = f"http://127.0.0.1:{port}", server
            return await _load(run, readers, seconds, begun)


async def _load(
    run: Run, readers: Sequence["Reader"], seconds: float | None, begun: float
) -> PageLoad:
    server, seen, start_mb = run.server, run.seen, memory_mb(run.server)
    watching = asyncio.create_task(_watch(run))
    await readers[0].open()
    first_page_s = time.monotonic() - begun
    await readers[0].upload(next(run.numbers))
    first_picture_s, first_mb = time.monotonic() - begun, memory_mb(server)
    await asyncio.gather(*(reader.open() for reader in readers[1:]))
    cpu_before, read_before, start = cpu_s(server), len(seen.waits), time.monotonic()
    end = start + seconds if seconds is not None else None
    await asyncio.gather(*(reader.upload_until(end) for reader in readers))
    lasted, used = time.monotonic() - start, cpu_s(server) - cpu_before
    watching.cancel()
    end_mb = memory_mb(server)
    for error in sorted(set(seen.errors)):
        sys.stderr.write(f"{error}\n")
    return PageLoad(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        cpu=cpu_name(),
        cores=len(os.sched_getaffinity(0)),
        browsers=len(readers),
        seconds=round(lasted, 1),
        readings=len(seen.waits),
        errors=len(seen.errors),
        mix_ups=seen.mix_ups,
        median_s=round(median(seen.waits), 3) if seen.waits else 0.0,
        p95_s=round(float(np.quantile(seen.waits, 0.95)), 3) if seen.waits else 0.0,
        cpu_s=round(used / max(len(seen.waits) - read_before, 1), 3),
        first_page_s=round(first_page_s, 2),
        first_picture_s=round(first_picture_s, 2),
        start_mb=round(start_mb, 1),
        first_mb=round(first_mb, 1),
        end_mb=round(end_mb, 1),
        peak_mb=round(max(seen.peak_mb, end_mb), 1),
        memory_mb=seen.memory_mb,
    )


async def _watch(run: Run) -> None:
    """Note the most memory that the server takes."""
    while True:
        run.seen.peak_mb = max(run.seen.peak_mb, memory_mb(run.server))
        await asyncio.sleep(_LOOK_SECONDS)


class Reader:
    """One browser: a page, and the list of films on it.

    Args:
        run: What it takes part in.
        chromium: Opens its page.
        number: Of the browser, from 0; it begins with another film than the others.
    """

    def __init__(self, run: Run, chromium: Browser, number: int) -> None:
        self._run, self._chromium, self._number = run, chromium, number
        self._page: Page | None = None
        self._uploaded = self._listed = 0

    async def open(self) -> Page:
        """Open the app anew and wait for its heading."""
        if self._page is not None:
            await self._page.context.close()
        context = await self._chromium.new_context(
            locale="en-US", viewport={"width": 1440, "height": 900}
        )
        self._page, self._listed = await context.new_page(), 0
        self._page.set_default_timeout(_WAIT_MS)
        await self._page.goto(self._run.address)
        await self._page.get_by_role("heading", level=1).first.wait_for()
        return self._page

    async def upload_until(self, end: float | None) -> None:
        """Upload file after file until a time, or until no more are to be uploaded."""
        while end is None or time.monotonic() < end:
            number = next(self._run.numbers, None)
            if number is None:
                return
            await self.upload(number)

    async def upload(self, number: int) -> None:
        """Upload one file; what goes wrong is noted, and the page opened anew."""
        seen = self._run.seen
        film = self._run.films[(self._number + self._uploaded) % len(self._run.films)]
        self._uploaded += 1
        try:
            await asyncio.wait_for(self._read(film, number), _WAIT_MS / 1000)
        except Exception as error:  # whatever it is, it is counted and told
            seen.errors.append(f"{film.name}: {error!r}")
            await self.open()
        if number % MEMORY_EVERY == 0:
            seen.memory_mb[number] = round(memory_mb(self._run.server), 1)
            print(f"{number:>10} uploads, {seen.memory_mb[number]:,.0f} MB", flush=True)

    async def _read(self, film: Path, number: int) -> None:
        page = self._page or await self.open()
        if self._listed == FILMS_A_LIST:
            await page.get_by_role("button", name=text("en", "worklist.clear")).click()
            await page.get_by_role("heading", name=text("en", "diagnosis.drop")).wait_for()
            self._listed = 0
        data = distinct(film.read_bytes(), number)
        sha256 = hashlib.sha256(data).hexdigest()
        start = time.monotonic()
        await page.set_input_files(
            "input[type=file]",
            {"name": f"{number}-{film.name}", "mimeType": "", "buffer": data},
        )
        await page.evaluate(_DRAWN, sha256)
        self._run.seen.waits.append(time.monotonic() - start)
        self._listed += 1
        viewer = page.locator(f".st-key-viewer [data-film^='{sha256}']")
        verdict = page.locator(".st-key-reading", has=viewer).locator(".st-key-verdict")
        word = await verdict.get_by_role("heading", level=1).inner_text()
        told = await verdict.locator(".st-key-probability").inner_text()
        self._run.seen.mix_ups += not says(word, told, *self._run.known[str(film)])


def says(word: str, told: str, verdict: str | None, probability: float | None) -> bool:
    """Whether the page says what the command line says.

    Args:
        word: The heading of the verdict on the page.
        told: Its line with the probability.
        verdict: Of the command line.
        probability: The same; the page rounds it, so one that is ``CLOSE`` may read otherwise.
    """
    if verdict is None or probability is None:
        return False
    near = (min(max(probability + step, 0.0), 1.0) for step in (-CLOSE, 0.0, CLOSE))
    lines = {text("en", "diagnosis.probability", percent=probability_words(p, "en")) for p in near}
    is_of_film = told.strip() in {line.replace("**", "") for line in lines}
    return is_of_film and text("en", f"diagnosis.verdict.{verdict.lower()}") in word
