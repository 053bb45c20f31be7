"""The page of `photosearch serve` in a browser: to the first of 100,000 photos, to an answer, to the end."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from photosearch.core.messages import Shutdown
from photosearch.engine.client import Client
from photosearch.models import catalog
from photosearch.models.loading import load_encoder
from photosearch.paths import Library
from tests.bench.library import fill, small_jpeg
from tests.bench.table import Row

COUNT = 100_000
QUERIES = ("a dog", "snow in the mountains", "two people", "a red car", "birthday", "sea", "a cat asleep")
FIRST = 1000.0  # milliseconds that are wanted
MEMORY = 100e6  # bytes of JavaScript that are wanted at most
STEPS = 120  # of a wheel

_SHOWN = "document.querySelector('.cell img.here')"
_ANSWERED = (
    "q => new URLSearchParams(location.search).get('q') === q && !!document.querySelector('.cell img.here')"
)
_ALONE = """async q => {
  const begun = performance.now();
  await (await fetch(`api/v1/search?limit=100&q=${encodeURIComponent(q)}`)).json();
  return performance.now() - begun;
}"""
_FRAMES = """async ([steps, screens]) => {
  const frame = () => new Promise(requestAnimationFrame), times = [];
  let before = await frame();
  for (let step = 0; step < steps; step++) {
    scrollBy(0, innerHeight * screens);
    const now = await frame();
    times.push(now - before);
    before = now;
  }
  return times;
}"""


def measure() -> list[Row]:
    encoder = load_encoder(catalog.default()).encoder
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder))
        fill(library, encoder, COUNT, small_jpeg())
        return measure_library(library)


def measure_library(library: Library) -> list[Row]:
    """The rows of a library of COUNT photos."""
    command = [sys.executable, "-m", "photosearch", "--library", os.fspath(library.root), "serve"]
    command += ["--port", "0", "--json", "--show-token"]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program,
        sync_playwright() as playwright,
    ):
        assert program.stdout
        link = json.loads(program.stdout.readline())["link"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800}, bypass_csp=True)  # to look into it
        try:
            page.goto(link)
            page.wait_for_function(_SHOWN)
            page.evaluate(_ALONE, "warm the model")
            return [_first(page), _answers(page), *_to_the_end(page)]
        finally:
            browser.close()
            with Client.connect_or_start(library) as client:
                program.terminate()
                client.call(Shutdown())


def _first(page: Page) -> Row:
    taken = []
    for _ in range(5):
        begun = time.perf_counter()
        page.reload(wait_until="commit")
        page.wait_for_function(_SHOWN, polling=10)
        taken.append((time.perf_counter() - begun) * 1000)
    shown = statistics.median(taken)
    return Row(
        f"page opened to photos seen, {COUNT:,}", f"{shown:.0f} ms", f"{FIRST:.0f} ms wanted", FIRST / shown
    )


def _answers(page: Page) -> Row:
    taken, alone = [], []
    for query in QUERIES:
        page.locator("#field").fill(query[:-1])
        page.wait_for_function(_ANSWERED, arg=query[:-1], polling=10)
        begun = time.perf_counter()
        page.locator("#field").press_sequentially(query[-1])
        page.wait_for_function(_ANSWERED, arg=query, polling=10)
        taken.append((time.perf_counter() - begun) * 1000)
        alone.append(page.evaluate(_ALONE, query))
    shown, reference = statistics.median(taken), statistics.median(alone)
    return Row(
        f"last key to photos in the page, {COUNT:,}",
        f"{shown:.0f} ms",
        f"the answer alone {reference:.0f} ms, and a pause of 120",
        (reference + 120) / shown,
    )


def _to_the_end(page: Page) -> list[Row]:
    """The time of a frame while a screen after the other goes by, and what is held at the end."""
    page.locator("#clear").click()
    page.wait_for_function("document.documentElement.scrollHeight > 1e6")
    still, moving = (
        statistics.quantiles(page.evaluate(_FRAMES, [STEPS, screens]), n=20)[-1] for screens in (0.002, 0.1)
    )
    page.evaluate("""async () => {
      for (let part = 1; part <= 50; part++) {
        scrollTo(0, document.documentElement.scrollHeight * part / 50);
        await new Promise((later) => setTimeout(later, 120));
      }
    }""")
    begun = time.perf_counter()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_function("document.querySelector(`a.cell[aria-label*='100,000 of'] img.here`)", polling=10)
    end = (time.perf_counter() - begun) * 1000
    line = page.context.new_cdp_session(page)
    line.send("HeapProfiler.collectGarbage")
    line.send("Performance.enable")
    held = {one["name"]: one["value"] for one in line.send("Performance.getMetrics")["metrics"]}
    memory, nodes = held["JSHeapUsedSize"], held["Nodes"]
    return [
        Row(
            "a frame while a tenth of a screen goes by, p95",
            f"{moving:.0f} ms",
            f"one while the same photos move a little {still:.0f} ms",
            still / moving,
        ),
        Row("to the last photo", f"{end:.0f} ms", f"{FIRST:.0f} ms wanted", FIRST / end),
        Row(
            "JavaScript held after all of it",
            f"{memory / 1e6:.1f} MB, {nodes:,.0f} nodes",
            f"{MEMORY / 1e6:.0f} MB wanted",
            MEMORY / memory,
        ),
    ]
