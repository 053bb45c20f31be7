"""The page of `photosearch serve` in a real browser, as somebody on the sofa uses it: `make e2e`.

Needs Debian's Chromium. What was done is asked of the service; pictures of every size, theme and language are
kept. A message in the browser's console, or a request to anybody else, is a failure.
"""

import argparse
import contextlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from photosearch.demo import photos

CHROMIUM = "chromium"
PATIENCE = 60.0  # seconds; the model is loaded meanwhile
SIZES = {"phone": (390, 844), "tablet": (820, 1180), "tablet-across": (1180, 820), "desktop": (1280, 800)}
COPIES = 12  # of each photograph, cut otherwise, so that there is something to scroll
MOST_CELLS = 400  # in the page at once, however many photos there are


class Sofa:
    """A library, the program that serves it, and a browser."""

    def __init__(self, home: Path, browser: Browser, pictures: Path) -> None:
        self.library, self.folder = home / "library", home / "photos"
        self._home, self._browser, self._pictures = home, browser, pictures
        self._taken = 0
        self.link = self.address = ""
        self.complaints: list[str] = []
        self.quiet = True  # whether the browser has nothing to complain of

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "photosearch", "--library", os.fspath(self.library), *arguments]

    def run(self, *arguments: str) -> None:
        subprocess.run(self.command(*arguments), check=True, capture_output=True, env=self._environment)

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "HOME": os.fspath(self._home), "OMP_NUM_THREADS": "1", "LANG": "C.UTF-8"}

    @contextlib.contextmanager
    def serving(self, port: str = "0") -> Iterator[None]:
        """While the program serves."""
        command = self.command("serve", "--port", port, "--allow-writes", "--show-token", "--json")
        with subprocess.Popen(command, env=self._environment, stdout=subprocess.PIPE, text=True) as program:
            self._program = program
            try:
                assert program.stdout
                told = json.loads(program.stdout.readline())
                self.link, self.address = told["link"], told["address"]
                yield
            finally:
                self.end()

    @property
    def port(self) -> str:
        return self.address.rstrip("/").rpartition(":")[2]

    def end(self) -> None:
        """End the program that serves."""
        self._program.terminate()
        self._program.wait(PATIENCE)

    @contextlib.contextmanager
    def page(
        self, size: str = "desktop", *, language: str = "en-US", dark: bool = False, let_in: bool = True
    ) -> Iterator[Page]:
        """A browser of its own, at the page."""
        width, height = SIZES[size]
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            locale=language,
            color_scheme="dark" if dark else "light",
            has_touch=size != "desktop",
            is_mobile=size != "desktop",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE * 1000)
        with contextlib.closing(context):
            page = context.new_page()
            page.on("console", lambda said: self._hear(said.text))
            page.on("pageerror", lambda error: self.complaints.append(f"{error}\n{error.stack}"))
            page.on("request", lambda request: self._asked(request.url))
            page.goto(self.link if let_in else self.address)
            if let_in:
                shown(page)
            yield page

    def _hear(self, text: str) -> None:
        if self.quiet:
            self.complaints.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, "blob:", "data:")):
            self.complaints.append(f"asked {url}")

    def keep(self, page: Page, name: str) -> None:
        """A picture of the page as it is."""
        self._taken += 1
        page.wait_for_timeout(400)
        page.screenshot(path=self._pictures / f"{self._taken:02}-{name}.png")
        print(f"  {name}", flush=True)


def shown(page: Page) -> None:
    """Until there are photos."""
    page.wait_for_selector(".cell img.here")


def here(page: Page) -> str:
    return str(page.evaluate("location.href"))


def api(page: Page, path: str) -> Any:
    return page.evaluate("path => fetch('api/v1/' + path).then(reply => reply.json())", path)


def wait(what: str, condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"It did not come to pass: {what}"
        time.sleep(0.1)


def name_of(page: Page, cell: int = 0) -> str:
    """The name of the file of a photo in the grid."""
    href = page.locator(f'a.cell[data-index="{cell}"]').get_attribute("href")
    assert href
    return str(api(page, f"photos/{href.split('photo=')[1]}")["name"])


def typed(page: Page, words: str) -> None:
    page.keyboard.press("/")
    page.keyboard.press("Control+a")
    page.keyboard.type(words, delay=20)


def searched(page: Page, words: str) -> None:
    typed(page, words)
    wait(
        "it is in the address",
        lambda: page.evaluate("new URLSearchParams(location.search).get('q')") == words,
    )


def coming_in(sofa: Sofa) -> None:
    print("coming in")
    sofa.quiet = False  # the browser says of the answer that it is 401
    with sofa.page(let_in=False) as page:
        field = page.get_by_label("Token")
        field.fill("not the token")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert").filter(has_text="That is not the token.")).to_be_visible()
        sofa.keep(page, "locked")
        field.fill(sofa.link.partition("token=")[2])
        page.keyboard.press("Enter")
        shown(page)
    sofa.quiet = True


def finding(sofa: Sofa) -> None:
    print("finding, by keyboard")
    with sofa.page() as page:
        last = api(page, "status")["photos"] - 1
        page.keyboard.press("ArrowRight")
        expect(page.locator('a.cell[data-index="0"]')).to_be_focused()
        page.locator("a.cell").first.blur()
        page.keyboard.press("End")
        expect(page.locator(f'a.cell[data-index="{last}"]')).to_be_focused()
        page.keyboard.press("Home")
        page.locator('a.cell[data-index="0"]').blur()
        page.keyboard.press("Enter")
        expect(page.locator("#detail")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#detail")).to_be_hidden()
        everything = page.locator("#count").inner_text()
        searched(page, "a cup of coffee")
        wait("the coffee is found", lambda: name_of(page).startswith("coffee"))
        expect(page.locator("h2.section").first).to_be_visible()
        sofa.keep(page, "results")
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        expect(page.locator("#detail")).to_be_visible()
        expect(page.locator(".picture img.preview.here").first).to_be_visible()
        first = here(page)
        page.keyboard.press("ArrowRight")
        wait("the next photo is in the address", lambda: here(page) != first)
        page.keyboard.press("i")
        expect(page.locator("#facts .fact").first).to_be_visible()
        sofa.keep(page, "information")
        page.keyboard.press("Escape")
        expect(page.locator("#facts")).to_be_hidden()
        page.keyboard.press("Escape")
        expect(page.locator("#detail")).to_be_hidden()
        expect(page.locator('a.cell[data-index="2"]')).to_be_focused()
        typed(page, "a")
        page.keyboard.type(" tower of stone", delay=20)
        page.keyboard.press("Enter")  # before the first letter is answered
        page.wait_for_url("**q=a+tower+of+stone")
        page.go_back()
        expect(page.locator("#field")).to_have_value("a cup of coffee")
        page.go_back()
        wait("Back leads out of the search", lambda: page.locator("#count").inner_text() == everything)
        sofa.quiet = False  # of what is refused, too
        typed(page, "dat:2020")
        page.keyboard.press("Enter")
        expect(page.locator("#mistake")).to_be_visible()
        expect(page.locator(".cell").first).to_have_css("opacity", "0.6")
        sofa.keep(page, "mistake")
        page.get_by_role("button", name="Search for “date:2020”").click()
        expect(page.locator("#mistake")).to_be_hidden()
        sofa.quiet = True
        page.get_by_role("button", name="2020: take it away").click()
        searched(page, "type:png coffee")
        page.keyboard.press("Enter")
        expect(page.locator('.chip[aria-pressed="true"]')).to_be_visible()
        assert page.locator("#field").input_value() == "coffee"
        expect(page.locator("#filters .chip").first).to_have_attribute("aria-pressed", "true")
        page.locator("#field").focus()
        escape_until(page, lambda: page.locator("#field").input_value() == "")
        page.wait_for_url("**?f=type%3Apng")
        expect(page.get_by_role("button", name="PNG: take it away")).to_be_visible()
        escape_until(page, lambda: here(page) == sofa.address)


def escape_until(page: Page, condition: Callable[[], object]) -> None:
    """Esc, as often as it takes: suggestions may be open, and the keyboard in the field."""
    page.keyboard.press("Escape")
    for _ in range(2):
        page.wait_for_timeout(500)
        if condition():
            return
        page.keyboard.press("Escape")
    wait("Esc led there", condition)


def coming_by_address(sofa: Sofa) -> None:
    print("by an address that cannot be answered")
    sofa.quiet = False  # of what is refused
    with sofa.page() as page:
        page.goto(f"{sofa.address}?q=dat:2020&f=type:jpeg")
        expect(page.get_by_role("button", name="Search for “date:2020”")).to_be_visible()
        expect(page.get_by_role("button", name="JPEG: take it away")).to_be_visible()
        assert page.locator("#field").input_value() == "dat:2020"
        sofa.keep(page, "address-mistake")
        page.get_by_role("button", name="Search everywhere").click()
        page.get_by_role("button", name="Search for “date:2020”").click()
        expect(page.locator("#mistake")).to_be_hidden()
        page.goto(f"{sofa.address}?f=type:jpeg")
        expect(page.locator("#count")).to_contain_text("the newest first")
        page.goto(f"{sofa.address}?q=coffee&picture=")
        expect(page.get_by_text("The picture is not kept")).to_be_visible()
        shown(page)
        assert page.locator("#field").input_value() == "coffee"
        page.goto(f"{sofa.address}?similar=999999999")
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
        page.get_by_role("button", name="Show all photos").click()
        shown(page)
    sofa.quiet = True


def far_in_the_list(sofa: Sofa) -> None:
    """A link to a photo far down has the photos beside it, and leads back to its place in the list."""
    print("a photo far down the list, by its address")
    with sofa.page() as page:
        photos = api(page, "search?q=type:jpeg&limit=1")["total"]
        place = photos - 2
        number = api(page, f"search?q=type:jpeg&limit=1&offset={place}")["hits"][0]["photo_id"]
        page.goto(f"{sofa.address}?f=type:jpeg&photo={number}")
        for come in (lambda: None, page.reload):
            come()
            expect(page.locator("#where")).to_have_text(f"{place + 1} of {photos}")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#where")).to_have_text(f"{photos} of {photos}")
        page.keyboard.press("Escape")
        expect(page.locator(f'a.cell[data-index="{photos - 1}"]')).to_be_focused()


def going_away(sofa: Sofa) -> None:
    """What is deleted or replaced while it is open is said to be gone, and the next takes its place."""
    print("a photo is deleted while it is open")
    with sofa.page() as page:
        _, second, third = (hit["photo_id"] for hit in api(page, "search?limit=3")["hits"])
        page.locator('a.cell[data-index="1"]').click()
        wait("it is open", lambda: f"photo={second}" in here(page))
        (sofa.folder / api(page, f"photos/{second}")["name"]).unlink()
        sofa.quiet = False  # the browser says of the answer that it is 404
        wait("the next is open", lambda: f"photo={third}" in here(page))
        expect(page.locator("#said")).to_contain_text("not there any more")
        expect(page.locator("#where")).to_contain_text("2 of ")
        page.keyboard.press("Escape")
        expect(page.locator("#detail")).to_be_hidden()
        page.goto(f"{sofa.address}?f=has:favourite&photo={third}")  # of no list: by itself
        expect(page.locator("#where")).to_have_text("1 of 1")
        Image.new("RGB", (640, 480), "teal").save(sofa.folder / api(page, f"photos/{third}")["name"])
        expect(page.locator("#detail")).to_be_hidden()
        expect(page.locator("#said")).to_contain_text("not there any more")
        sofa.quiet = True


def noting(sofa: Sofa) -> None:
    print("favourites, stars, captions")
    with sofa.page() as page:
        page.locator("a.cell").first.click()
        number = int(here(page).partition("photo=")[2])
        page.keyboard.press("f")
        expect(page.locator('#favourite[aria-pressed="true"]')).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        wait("it is none any more", lambda: not api(page, f"photos/{number}")["favourite"])
        expect(page.locator('#favourite[aria-pressed="false"]')).to_be_visible()
        page.keyboard.press("f")
        page.keyboard.press("4")
        page.keyboard.press("i")
        page.get_by_label("Caption").fill("Aunt Edda’s garden")
        page.keyboard.press("Enter")
        captioned(page, number, "Aunt Edda’s garden")
        noted = {"favourite": True, "rating": 4}
        wait("it is noted", lambda: noted.items() <= api(page, f"photos/{number}").items())
        half_written(page, number)
        written_elsewhere(sofa, page, number)
        low = page.get_by_label("Caption").bounding_box()
        page.get_by_label("Caption").fill("A long day in the garden. " * 12)
        high = page.get_by_label("Caption").bounding_box()
        assert low and high and high["height"] > 2 * low["height"], "it grows with its text"
        sofa.keep(page, "long-caption")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        expect(page.locator("#caption")).to_contain_text("A long day")
        sofa.keep(page, "caption")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Favourites").click()
        wait("one photo is left", lambda: page.locator("#count").inner_text() == "1 photo")
        sofa.keep(page, "favourites")


def captioned(page: Page, number: int, caption: str) -> None:
    wait("the caption is kept", lambda: api(page, f"photos/{number}")["caption"] == caption)


def half_written(page: Page, number: int) -> None:
    """A caption is kept however one leaves it; Esc says that it restored the one before."""
    leave: dict[str, Callable[[], object]] = {"Back": page.go_back, "a reload": page.reload}
    for how, left in leave.items():
        page.get_by_label("Caption").fill(f"Left by {how}")
        left()
        captioned(page, number, f"Left by {how}")
        if how == "Back":
            page.go_forward()
        else:
            expect(page.locator("#detail")).to_be_visible()
        expect(page.get_by_label("Caption")).to_have_value(f"Left by {how}")
    page.get_by_label("Caption").fill("Not meant")
    page.keyboard.press("Escape")
    expect(page.get_by_text("The caption is as it was")).to_be_visible()
    expect(page.get_by_label("Caption")).to_have_value("Left by a reload")


def written_elsewhere(sofa: Sofa, page: Page, number: int) -> None:
    """The open photo follows what another changes, and nobody writes over another unasked."""
    file = os.fspath(sofa.folder / api(page, f"photos/{number}")["name"])
    field = page.get_by_label("Caption")
    sofa.run("caption", "set", file, "By the shell")
    sofa.run("rate", "2", file)
    expect(field).to_have_value("By the shell")
    expect(page.locator("#facts").get_by_label("2 stars")).to_have_attribute("aria-pressed", "true")
    for choice, mine, left in (("Keep mine", "Mine", "Mine"), ("Take theirs", "Mine, too", "Theirs")):
        field.fill(mine)
        sofa.run("caption", "set", file, "Theirs")
        expect(page.locator(".conflict")).to_contain_text("Theirs")
        expect(field).to_have_value(mine)
        expect(field).to_be_focused()
        sofa.keep(page, f"written-elsewhere-{left}")
        page.get_by_role("button", name=choice).click()
        captioned(page, number, left)
        expect(field).to_have_value(left)
        expect(page.locator(".conflict")).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    captioned(page, number, "Mine, too")
    sofa.quiet = False  # of what is refused
    page.route("**/api/v1/photos/*", lambda _: None)  # it is refused before it is heard of
    field.fill("Mine, later")
    sofa.run("caption", "set", file, "Theirs, later")
    page.keyboard.press("Enter")
    expect(page.locator(".conflict")).to_contain_text("Theirs, later")
    page.unroute("**/api/v1/photos/*")
    page.reload()
    expect(page.locator(".conflict")).to_contain_text("Theirs, later")
    expect(field).to_have_value("Mine, later")
    sofa.quiet = True
    page.keyboard.press("Escape")
    expect(page.locator("#said")).to_contain_text("Your caption is not saved")
    page.locator("#said").get_by_role("button", name="Keep mine").click()
    captioned(page, number, "Mine, later")
    page.keyboard.press("i")
    expect(field).to_have_value("Mine, later")


def written_offline(sofa: Sofa) -> None:
    """A caption that is written while the computer is away is sent when it is back, in another tab, too."""
    print("captions that wait")
    with sofa.page() as page:
        context = page.context
        number = api(page, "search?limit=1")["hits"][0]["photo_id"]
        sofa.quiet = False  # of requests that fail
        for how in ("Online again", "In another tab"):
            page.locator('a.cell[data-index="0"]').click()
            page.keyboard.press("i")
            field, mark = page.get_by_label("Caption"), page.locator(".unsaved")
            expect(field).to_be_visible()
            context.set_offline(True)
            field.fill(how)
            page.keyboard.press("Enter")
            expect(mark).to_be_visible()
            sofa.keep(page, "unsaved")
            page.keyboard.press("ArrowRight")
            expect(mark).to_have_count(0)
            expect(page.locator(".going-on.unsent")).to_have_text("1 caption waits for the computer")
            if how == "In another tab":
                with page.expect_event("close"):
                    page.close(run_before_unload=True)  # nothing is asked: all is kept
                page = context.new_page()
                context.set_offline(False)
                page.goto(sofa.address)
            else:
                context.set_offline(False)
            captioned(page, number, how)
            expect(page.locator(".going-on.unsent")).to_have_count(0)
            escape_until(page, page.locator("#detail").is_hidden)
        conflict_on_sending(sofa, page, number)
        sofa.quiet = True


def conflict_on_sending(sofa: Sofa, page: Page, number: int) -> None:
    """What another wrote while a caption waited stays, until the person says what counts."""
    file = os.fspath(sofa.folder / api(page, f"photos/{number}")["name"])
    page.locator('a.cell[data-index="0"]').click()
    page.keyboard.press("i")
    expect(page.get_by_label("Caption")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_label("Caption").fill("Waits")
    page.keyboard.press("Enter")
    expect(page.locator(".unsaved")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    sofa.run("caption", "set", file, "Theirs meanwhile")
    page.context.set_offline(False)
    expect(page.locator("#said")).to_contain_text("Your caption is not saved")
    captioned(page, number, "Theirs meanwhile")
    page.locator("#said").get_by_role("button", name="Keep mine").click()
    captioned(page, number, "Waits")
    expect(page.locator(".going-on.unsent")).to_have_count(0)


def asking_otherwise(sofa: Sofa) -> None:
    print("by a picture, by a photo, by words of one's own")
    with sofa.page() as page:
        page.locator("#chooser").set_input_files(next(sofa.folder.glob("coffee*")))
        expect(page.locator("#example")).to_be_visible()
        wait("the coffee is found", lambda: name_of(page).startswith("coffee"))
        sofa.keep(page, "by-picture")
        page.locator("a.cell").first.click()
        page.keyboard.press("s")
        page.wait_for_url("**similar=*")
        shown(page)
        page.keyboard.press("Escape")
        page.get_by_role("button", name="More").click()
        page.get_by_role("button", name="Sort by your own words").click()
        field = page.get_by_label("A word to sort by")
        for words in ("cat、coffee", "flower"):
            field.fill(words)
            page.keyboard.press("Enter")
        page.wait_for_url("**label=flower")
        wait("each photo has a word", lambda: page.locator(".label-list meter").count() == 3)
        counts = page.locator(".label-list meter").evaluate_all("all => all.map(one => one.value)")
        assert sum(counts) == api(page, "status")["photos"]
        page.get_by_role("button", name="coffee").first.click()
        wait("they are coffee", lambda: name_of(page).startswith("coffee"))
        sofa.keep(page, "sorted")
        page.goto(f"{here(page)}&f=type:jpeg")
        found = api(page, "search?q=type:jpeg")["total"]
        expect(page.get_by_text(f"Each of the {found} photos found")).to_be_visible()


def scrolling(sofa: Sofa) -> None:
    print("scrolling, turning, new photos")
    with sofa.page("tablet") as page:
        rows = page.evaluate("""() => {
          const boxes = [...document.querySelectorAll("a.cell")].map((cell) => cell.getBoundingClientRect());
          const rows = Map.groupBy(boxes, (box) => box.top);
          const edge = document.querySelector("#photos").getBoundingClientRect().right;
          return [...rows.values()].map((row) => edge - Math.max(...row.map((box) => box.right)));
        }""")
        assert len(rows) > 3
        assert min(rows) > -2 and sorted(rows)[len(rows) // 2] < 2, (
            "rows fill the width, but for some last ones"
        )
        under_their_days(page)
        sofa.keep(page, "days")
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight / 2)")
        shown(page)
        page.wait_for_timeout(600)
        before = top_photo(page)
        width, height = SIZES["tablet-across"]
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(600)
        turned = page.locator(f'a.cell[href$="photo={before[0]}"]').bounding_box()
        assert turned and abs(turned["y"] - top_photo(page)[1]) < 2, "turned, it is in the row at the top"
        place = top_photo(page)
        newer = sofa.folder / "newer"
        newer.mkdir()
        for number in range(3):
            Image.new("RGB", (300, 200 + number), "teal").save(newer / f"{number}.png")
        sofa.run("index", os.fspath(sofa.folder))
        count = page.locator("#count").inner_text()
        wait("new photos are heard of", lambda: page.locator("#count").inner_text() != count)
        stays = page.locator(f'a.cell[href$="photo={place[0]}"]').bounding_box()
        assert stays and abs(stays["y"] - place[1]) < 3, f"at {place[1]}, then at {stays}"
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        shown(page)
        under_their_days(page)
        assert page.locator(".cell").count() < MOST_CELLS


def under_their_days(page: Page) -> None:
    """Each photo has its day over it, the nearest of those that are not to its right."""
    told = page.evaluate("""() => {
      const headings = [...document.querySelectorAll("h2.section")];
      const days = headings.map((day) => [day.textContent, day.getBoundingClientRect()]);
      return [...document.querySelectorAll("a.cell")].map((cell) => {
        const box = cell.getBoundingClientRect();
        const over = days.filter(([, day]) => day.bottom <= box.top + 1 && day.left <= box.left + 1);
        const nearer = (one, other) => one[1].top - other[1].top || one[1].left - other[1].left;
        const [named] = over.sort(nearer).at(-1) ?? [null];
        const own = cell.getAttribute("aria-label").match(/(\\w+ \\d+, \\d{4})/)[1];
        return named && [Date.parse(named), Date.parse(own)];
      }).filter(Boolean);
    }""")
    assert told and all(named == own for named, own in told)


def top_photo(page: Page) -> tuple[str, float]:
    """The photo at the top, and where it is."""
    found = page.evaluate("""() => {
      const edge = document.querySelector("header").offsetHeight;
      const cells = [...document.querySelectorAll("a.cell")];
      const boxes = cells.map((cell) => [cell, cell.getBoundingClientRect()]);
      const below = boxes.filter(([, box]) => box.bottom > edge + 1);
      const [cell, box] = below.reduce((best, one) => {
        const higher = one[1].top - best[1].top || one[1].left - best[1].left;
        return higher < 0 ? one : best;
      });
      return [new URL(cell.href).searchParams.get("photo"), box.top];
    }""")
    return found[0], found[1]


def touching(sofa: Sofa) -> None:
    print("by touch")
    with sofa.page("phone") as page:
        page.get_by_role("button", name="Type").tap()
        expect(page.locator("dialog.sheet")).to_be_visible()
        page.go_back()
        expect(page.locator("dialog.sheet")).to_have_count(0)
        page.get_by_role("button", name="Type").tap()
        page.get_by_role("button", name="PNG").tap()
        page.get_by_role("button", name="PNG: take it away").tap()
        page.wait_for_url(sofa.address)
        page.go_back()
        page.wait_for_url("**f=type*")
        page.go_back()
        page.wait_for_url(sofa.address)
        shown(page)
        page.locator("a.cell").first.tap()
        expect(page.locator(".picture img.preview.here").first).to_be_visible()
        first = here(page)
        swipe(page, (330, 420), (60, 430))
        wait("the next photo is there", lambda: here(page) != first)
        page.locator("#information").tap()
        expect(page.locator("#facts .fact").first).to_be_visible()
        page.locator("#facts .stars button").first.tap()
        expect(page.locator("#said")).to_be_visible()
        said = page.locator("#said").bounding_box()
        sheet = page.locator("#facts").bounding_box()
        assert said and sheet and said["y"] + said["height"] <= sheet["y"], "what is said covers no fact"
        sofa.keep(page, "phone-information")
        page.locator("#facts").get_by_role("button", name="Close").tap()
        page.locator("#information").tap()
        walked = here(page)
        page.keyboard.press("ArrowRight")
        wait("the next photo is there, too", lambda: here(page) != walked)
        second = here(page)
        page.go_back()
        expect(page.locator("#facts")).to_be_hidden()
        expect(page.locator("#detail")).to_be_visible()
        assert here(page) == second
        pinch(page)
        wait("it is closer", lambda: page.locator("#stage.closer").count() == 1)
        page.keyboard.press("z")
        swipe(page, (200, 300), (205, 640))
        expect(page.locator("#detail")).to_be_hidden()


def swipe(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    touches = [
        [(start[0] + (end[0] - start[0]) * step / 6, start[1] + (end[1] - start[1]) * step / 6)]
        for step in range(7)
    ]
    touch(page, touches)


def pinch(page: Page) -> None:
    touch(page, [[(195 - step * 15, 420), (195 + step * 15, 420)] for step in range(1, 9)])


def touch(page: Page, path: list[list[tuple[float, float]]]) -> None:
    line = page.context.new_cdp_session(page)
    for step, points in enumerate(path):
        kind = "touchMove" if step else "touchStart"
        line.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y, "id": at} for at, (x, y) in enumerate(points)]},
        )
        page.wait_for_timeout(16)
    line.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def looks(sofa: Sofa) -> None:
    print("every size, theme and language")
    for size in SIZES:
        for language, dark in (("en-US", False), ("zh-CN", True)):
            with sofa.page(size, language=language, dark=dark) as page:
                name = f"{size}-{language[:2]}-{'dark' if dark else 'light'}"
                sofa.keep(page, name)
                searched(page, "a cat on a sofa")
                expect(page.locator("h2.section").first).to_be_visible()
                sofa.keep(page, f"{name}-results")
                page.locator("#field").blur()
                page.locator("a.cell").first.click()
                expect(page.locator(".picture img.preview.here").first).to_be_visible()
                sofa.keep(page, f"{name}-detail")
                wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert wide <= 0, f"{name} is too wide by {wide}"
                if language == "zh-CN":
                    assert page.locator("#back").get_attribute("aria-label") == "返回"


def losing_it(sofa: Sofa) -> None:
    print("the computer goes, and comes back")
    with sofa.page() as page:
        page.evaluate("navigator.serviceWorker.ready")
        page.wait_for_timeout(500)
        sofa.quiet = False
        sofa.end()
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        expect(page.locator(".going-on.lost")).to_be_visible()
        calmly_tried(page)
        expect(page.locator(".cell").first).to_have_css("opacity", "0.6")
        sofa.keep(page, "lost")
        page.evaluate("scrollTo(0, 0)")
        page.locator("a.cell").first.click()
        expect(page.locator(".slide > .said").first).to_contain_text(
            "The computer with your photos cannot be"
        )
        expect(page.locator(".slide img")).to_have_count(0)
        sofa.keep(page, "lost-photo")
        page.reload()
        expect(page.locator(".going-on.lost")).to_be_visible()
        with sofa.serving(sofa.port):
            shown(page)
            expect(page.locator(".going-on.lost")).to_be_hidden()
    sofa.quiet = True


def calmly_tried(page: Page) -> None:
    """While nobody answers, less and less is asked; at once again when there is hope."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(8000)  # asked anew each second, that would be 8 times for each of some
    tries, pages = (sum(f"/{what}" in url for url in asked) for what in ("status", "search"))
    assert 1 <= tries <= 8, asked
    assert 1 <= pages <= 9, asked
    asked.clear()
    page.evaluate("dispatchEvent(new Event('online'))")
    wait("it is asked at once", lambda: any("/search" in url for url in asked))


def gathered(folder: Path) -> None:
    """The photographs of the demo, and parts of them of many shapes, of days with few and with many."""
    days = (day for day in itertools.count() for _ in range((1, 2, 14, 1, 3, 6)[day % 6]))
    for path in sorted(photos.gather(folder).iterdir()):
        whole = Image.open(path).convert("RGB")
        for copy in range(COPIES):
            width, height = whole.size
            box = (copy * width // 40, copy * height // 60, width - copy * width // 30, height)
            if copy % 2:
                box = (copy * width // 30, 0, width - copy * width // 50, height - copy * height // 30)
            part = path.with_name(f"{path.stem}-{copy}.jpg")
            whole.crop(box).save(part, quality=80)
            taken = time.time() - next(days) * 86_400
            os.utime(part, (taken, taken))


def session(sofa: Sofa, parts: list[str]) -> None:
    """An evening with one's photos."""
    gathered(sofa.folder)
    sofa.run("index", os.fspath(sofa.folder))
    with sofa.serving():
        for part in PARTS:  # in this order: the last one ends the program
            if part in parts:
                PARTS[part](sofa)
    assert not sofa.complaints, "\n".join(sofa.complaints)


PARTS: dict[str, Callable[[Sofa], None]] = {
    "token": coming_in,
    "finding": finding,
    "address": coming_by_address,
    "far": far_in_the_list,
    "gone": going_away,
    "notes": noting,
    "unsent": written_offline,
    "pictures": asking_otherwise,
    "scrolling": scrolling,
    "touch": touching,
    "looks": looks,
    "lost": losing_it,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.page", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only these: {', '.join(PARTS)}")
    parser.add_argument("--pictures", type=Path, default=Path("build/e2e-page"), metavar="DIR")
    options = parser.parse_args()
    chromium = shutil.which(CHROMIUM)
    if chromium is None:
        print(f"Missing: {CHROMIUM}; on Debian: apt-get install {CHROMIUM}", file=sys.stderr)
        return 1
    shutil.rmtree(options.pictures, ignore_errors=True)
    options.pictures.mkdir(parents=True)
    expect.set_options(timeout=PATIENCE * 1000)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        session(Sofa(Path(home), browser, options.pictures), options.parts or list(PARTS))
        browser.close()
    print(f"All as it should be; what was seen: {options.pictures}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
