"""The .deb in an empty Debian without Python, compiler or network, used as people would; then its neighbours.

`make installer-test`; takes root, debootstrap, Xvfb and xdotool. The mirror is asked for the empty system and
what the package depends on; after that every command runs in a network namespace that has no way out.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pillow_heif
import psutil
from PIL import Image, ImageGrab

from photosearch.demo import photos
from tests.helpers import raw_files

PATIENCE = 180.0  # seconds
PHOTOS = 300
USERS = ("ana", "ben")
FLEETING = ("proc", "dev", "sys", "tmp", "run", "home")  # not compared before and after


class Machine:
    """An empty Debian below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def as_root(self, *command: str, network: bool = False, check: bool = True) -> str:
        done = subprocess.run(
            [*_apart(self.root, network), "/usr/sbin/chroot", self.root, *command],
            env={
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                "DEBIAN_FRONTEND": "noninteractive",
                "LC_ALL": "C.UTF-8",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if check and done.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self, user: str, *command: str, display: str = "") -> "subprocess.Popen[str]":
        """Begin what a person does, who has no network."""
        shown = {"DISPLAY": display} if display else {}
        home = {"HOME": f"/home/{user}", "USER": user, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        return subprocess.Popen(
            [*_apart(self.root, False), "/usr/sbin/chroot", f"--userspec={user}:{user}", self.root, *command],
            env=home | shown,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, user: str, *command: str, code: int = 0) -> str:
        """-> what it printed."""
        started = self.start(user, *command)
        out, err = started.communicate(timeout=PATIENCE * 5)
        if started.returncode != code:
            raise SystemExit(f"{' '.join(command)} ended with {started.returncode}:\n{out}{err}")
        return out + err

    def files(self) -> set[str]:
        """Everything that is not anybody's own."""
        found = set()
        for top in self.root.iterdir():
            if top.name not in FLEETING:
                found |= {os.fspath(path.relative_to(self.root)) for path in [top, *top.rglob("*")]}
        return found

    def processes(self) -> list[psutil.Process]:
        """Of PhotoSearch, in this machine."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if Path(process.exe()).name == "photosearch" and self.root.samefile(
                    f"/proc/{process.pid}/root"
                ):
                    found.append(process)
        return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.installed", description=__doc__)
    parser.add_argument("package", type=Path)
    parser.add_argument("--before", type=Path, metavar="PACKAGE", help="an older one, to come from")
    parser.add_argument(
        "--base", type=Path, default=Path("build/debian"), help="the empty system, kept there"
    )
    parser.add_argument("--pictures", type=Path, default=Path("build/installed"))
    options = parser.parse_args()
    options.pictures.mkdir(parents=True, exist_ok=True)
    if not options.base.exists():
        make_base(options.base)
    with tempfile.TemporaryDirectory(prefix="photosearch-installed-") as scratch:
        machine = Machine(Path(scratch) / "root")
        subprocess.run(["cp", "--archive", options.base, machine.root], check=True)
        try:
            use(machine, options.package, options.before, options.pictures)
        finally:
            for process in machine.processes():
                process.kill()
    print("All of it came to pass.")
    return 0


def make_base(base: Path) -> None:
    """The smallest Debian, from the mirror that this computer asks too."""
    sites = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)"], capture_output=True, text=True, check=True
    )
    mirror = next(site for site in sites.stdout.split() if not site.endswith("-security"))
    release = subprocess.run(
        ["lsb_release", "-cs"], capture_output=True, text=True, check=False
    ).stdout.strip()
    unfinished = base.with_name(f"{base.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    subprocess.run(
        ["debootstrap", "--variant=minbase", release or "bookworm", unfinished, mirror], check=True
    )
    shutil.copy("/etc/resolv.conf", unfinished / "etc")
    unfinished.rename(base)


def use(machine: Machine, package: Path, before: Path | None, pictures: Path) -> None:
    """All that is to hold, one after the other."""
    install(machine, before or package)
    for program in ("python3", "cc", "gcc"):
        assert not machine.as_root("sh", "-c", f"command -v {program} || true"), f"{program} came along"
    step("it says its version", machine.run("ana", "photosearch", "--version"))
    for user in USERS:
        machine.as_root("useradd", "--create-home", "--shell", "/bin/sh", user, check=False)
        fill(machine.root / f"home/{user}/Pictures")
        machine.as_root("chown", "-R", f"{user}:{user}", f"/home/{user}")
    untouched = machine.files()

    checks = json.loads(machine.run("ana", "photosearch", "doctor", "--json", code=0))
    step("doctor finds all there", ", ".join(check["check"] for check in checks["checks"] if check["ok"]))
    both = [machine.start(user, "photosearch", "index", f"/home/{user}/Pictures") for user in USERS]
    for indexing in both:
        out, err = indexing.communicate(timeout=PATIENCE * 10)
        assert indexing.returncode == 0, out + err
        step("two people index at once", out)
    assert found(machine, "a cup of coffee")[0].startswith("coffee")
    step("a search finds the cup of coffee", "")
    if before:
        machine.run("ana", "photosearch", "caption", "set", "/home/ana/Pictures/coffee.png", "Coffee at last")
        ended(machine)
        install(machine, package)
        machine.run("ana", "photosearch", "index", "/home/ana/Pictures")
        assert "Coffee at last" in machine.run(
            "ana", "photosearch", "caption", "get", "/home/ana/Pictures/coffee.png"
        )
        assert found(machine, "a cup of coffee")[0].startswith("coffee")
        step("an upgrade keeps the library", "")
    assert found(machine, "type:raw") == ["small.nef"]
    step("RAW is read", "")
    said = machine.run("ana", "photosearch", "models", "get", "some/model", code=1)
    assert "cannot be reached to download some/model" in said, said
    step("what asks the hub for models came along, without torch", "")
    taught(machine)
    killed_and_going_on(machine)
    watched(machine)
    served(machine)
    seen(machine, pictures)
    ended(machine)
    new = machine.files() - untouched
    assert before or not new, f"written outside of homes: {sorted(new)[:10]}"
    step("nothing is written outside of homes", "")
    said = machine.as_root("dpkg", "--remove", "photosearch")
    assert "stay where they are" in said
    machine.as_root("dpkg", "--purge", "photosearch", check=False)
    left = [path for path in machine.files() if "photosearch" in path and not path.startswith("var/lib/dpkg")]
    assert not left, f"left behind: {left}"
    assert (machine.root / "home/ana/.local/share/PhotoSearch/library.sqlite3").exists()
    assert (machine.root / "home/ana/Pictures/coffee.png").exists()
    step("it is gone, and photos and library are not", "")
    for other in sorted(package.parent.glob("*")):
        if way := OTHER_WAYS.get(other.suffix):
            way(machine, other)


def unpacked(machine: Machine, package: Path) -> None:
    """The .tar.zst, in a home."""
    home = machine.root / "home/ana"
    subprocess.run(["tar", "--extract", "--file", package, "-C", home], check=True)
    folder = package.name.removesuffix(".tar.zst")
    machine.as_root("chown", "-R", "ana:ana", f"/home/ana/{folder}")
    tried(machine, package, f"/home/ana/{folder}/bin/photosearch")


def mounted(machine: Machine, package: Path) -> None:
    """The AppImage, in a home."""
    machine.as_root("apt-get", "install", "--yes", "-qq", "--no-install-recommends", "fuse3", network=True)
    device = machine.root / "fuse"  # as udev makes it, which not every computer that builds has
    os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(10, 229))
    device.chmod(0o666)
    (machine.root / "etc/mtab").symlink_to("/proc/self/mounts")  # as every installed system has it
    shutil.copy(package, machine.root / "home/ana/PhotoSearch.AppImage")
    tried(machine, package, "/home/ana/PhotoSearch.AppImage")
    wait("nothing stays mounted", lambda: not list((machine.root / "tmp").glob(".mount_PhotoS*")))


def by_rpm(machine: Machine, package: Path) -> None:
    """The .rpm, by rpm itself, which knows nothing of what dpkg has installed."""
    machine.as_root("apt-get", "install", "--yes", "-qq", "--no-install-recommends", "rpm", network=True)
    before = machine.files()
    shutil.copy(package, machine.root / "photosearch.rpm")
    machine.as_root("rpm", "--install", "--nodeps", "/photosearch.rpm")
    (machine.root / "photosearch.rpm").unlink()
    tried(machine, package, "/usr/bin/photosearch")
    machine.as_root("rpm", "--erase", "photosearch")
    left = [path for path in machine.files() - before if "photosearch" in path]
    assert not left, f"left behind: {left}"


OTHER_WAYS = {".zst": unpacked, ".AppImage": mounted, ".rpm": by_rpm}


def tried(machine: Machine, package: Path, program: str) -> None:
    """It searches the library that is there, by an engine of its own, and finds its way into the menu."""
    said = machine.run("ana", program, "search", "a cup of coffee", "-k", "1", "--json")
    assert json.loads(said)["hits"][0]["path"].endswith("coffee.png")
    machine.run("ana", program, "desktop", "install")
    entry = machine.root / "home/ana/.local/share/applications/photosearch.desktop"
    begun = entry.read_text().partition('Exec="')[2].partition('" %f')[0]
    assert (machine.root / begun.lstrip("/")).samefile(machine.root / program.lstrip("/")), begun
    machine.run("ana", program, "desktop", "remove")
    ended(machine)
    step("it works from", package.name)


def install(machine: Machine, package: Path) -> None:
    shutil.copy(package, machine.root / "photosearch.deb")
    machine.as_root("apt-get", "update", "-qq", network=True)
    options = ("--yes", "-qq", "--no-install-recommends", "--reinstall")
    machine.as_root("apt-get", "install", *options, "/photosearch.deb", network=True)
    (machine.root / "photosearch.deb").unlink()
    machine.as_root("useradd", "--create-home", "--shell", "/bin/sh", USERS[0], check=False)
    step("installed", package.name)


def fill(folder: Path) -> None:
    """Real photographs, and as many made ones as it takes; a HEIC, an AVIF and a RAW among them."""
    folder.mkdir(parents=True)
    photos.gather(folder)
    for number in range(PHOTOS - len(list(folder.iterdir()))):
        hue = Image.new("HSV", (320, 240), (number * 37 % 256, 200, 60 + number * 11 % 190)).convert("RGB")
        hue.paste((number % 256, 90, 160), (number % 200, 20, number % 200 + 90, 110))
        hue.save(folder / f"made-{number:03}.{'avif' if number == 0 else 'jpg'}")
    pillow_heif.from_pillow(Image.open(folder / "rocket.jpg").resize((300, 200))).save(folder / "small.heic")
    china = Image.open(folder / "china.jpg").resize((600, 400))
    (folder / "small.nef").write_bytes(raw_files.nef(china, china))


def found(machine: Machine, query: str, user: str = "ana") -> list[str]:
    """The names of the best photos."""
    said = machine.run(user, "photosearch", "search", query, "-k", "3", "--json")
    return [Path(hit["path"]).name for hit in json.loads(said)["hits"]]


def taught(machine: Machine) -> None:
    """Teaching, by captions of photos that are there."""
    table = machine.root / "home/ana/captions.csv"
    names = [path.name for path in sorted((machine.root / "home/ana/Pictures").iterdir())][:60]
    table.write_text("image,caption\n" + "".join(f"{name},our holiday picture {name}\n" for name in names))
    machine.run("ana", "photosearch", "captions", "import", "/home/ana/captions.csv")
    report = json.loads(machine.run("ana", "photosearch", "teach", "--json"))
    step("teaching measures whether it helps", report["verdict"])


def killed_and_going_on(machine: Machine) -> None:
    ended(machine)
    folder = machine.root / "home/ana/Pictures/more"
    shutil.copytree(machine.root / "home/ana/Pictures", folder)
    for file in folder.iterdir():  # of other content, so that there is something to do
        with file.open("ab") as end:
            end.write(b"\0")
    machine.as_root("chown", "-R", "ana:ana", "/home/ana/Pictures")
    indexing = machine.start("ana", "photosearch", "index", "/home/ana/Pictures")
    wait("decoders come up", lambda: len(machine.processes()) > 2 or indexing.poll() is not None)
    for process in machine.processes():
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGKILL)
    indexing.wait()
    wait("all are gone", lambda: not machine.processes())
    machine.run("ana", "photosearch", "index", "/home/ana/Pictures")
    status = json.loads(machine.run("ana", "photosearch", "status", "--json"))
    step("after kill -9 it goes on", f"{status['photos']} photos")
    assert status["photos"] >= 2 * PHOTOS, status


def watched(machine: Machine) -> None:
    watching = machine.start("ana", "photosearch", "watch")
    sockets = machine.root / "home/ana/.local/share/PhotoSearch/engine.key"
    wait("the engine is there", sockets.exists)
    new = machine.root / "home/ana/Pictures/noticed.jpg"
    Image.new("RGB", (200, 200), (250, 10, 10)).save(new)
    machine.as_root("chown", "ana:ana", "/home/ana/Pictures/noticed.jpg")
    wait(
        "a new photo is noticed",
        lambda: any("noticed.jpg" in name for name in found(machine, "a plain red picture")),
    )
    for process in machine.processes():
        lines = [
            line
            for kind in ("tcp", "tcp6", "udp", "udp6", "raw")
            for line in Path(f"/proc/{process.pid}/net/{kind}").read_text().splitlines()[1:]
        ]
        assert not lines, f"a socket to a network: {lines}"
    step("watch notices a photo, and no socket leads to a network", "")
    for process in machine.processes():
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGINT)
    watching.communicate(timeout=PATIENCE)


def served(machine: Machine) -> None:
    serving = machine.start("ana", "photosearch", "serve", "--json")
    assert serving.stdout is not None
    said = serving.stdout.readline()
    assert "http://127.0.0.1:8765/" in said, said
    step("a browser is served, were there one", "")
    for process in machine.processes():
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGINT)
    serving.communicate(timeout=PATIENCE)


def seen(machine: Machine, pictures: Path) -> None:
    """The window of somebody new, then with photos in it, then searched."""
    machine.as_root("useradd", "--create-home", "--shell", "/bin/sh", "eva", check=False)
    fill(machine.root / "home/eva/Pictures")
    machine.as_root("chown", "-R", "eva:eva", "/home/eva")
    with screen(machine) as display:
        began = time.monotonic()
        window = machine.start("eva", "photosearch", display=display)
        shown = xdotool(display, "search", "--sync", "--onlyvisible", "--name", "^PhotoSearch$").splitlines()[
            0
        ]
        step("the window is there", f"{time.monotonic() - began:.2f} s after its start")
        xdotool(display, "windowfocus", shown)
        time.sleep(5)
        ImageGrab.grab(xdisplay=display).save(pictures / "1-first-run.png")
        machine.run("eva", "photosearch", "index", "/home/eva/Pictures")
        xdotool(display, "key", "ctrl+f")
        xdotool(display, "type", "--delay", "40", "a cup of coffee")
        time.sleep(5)
        ImageGrab.grab(xdisplay=display).save(pictures / "2-a-search.png")
        xdotool(display, "key", "ctrl+q")
        with contextlib.suppress(subprocess.TimeoutExpired):
            window.wait(30)
        step("pictures of the window", os.fspath(pictures))


@contextlib.contextmanager
def screen(machine: Machine) -> Iterator[str]:
    """A display that the machine reaches by its socket alone."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x860x24", "-nolisten", "tcp", "-ac"]
    with subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL) as server:
        os.close(writer)
        with os.fdopen(reader) as said:
            display = f":{said.readline().strip()}"
        try:
            yield display
        finally:
            server.terminate()


def ended(machine: Machine) -> None:
    """Let engines that wait for another search go."""
    for process in machine.processes():
        with contextlib.suppress(psutil.Error):
            process.terminate()
    wait("all engines have ended", lambda: not machine.processes())


def xdotool(display: str, *arguments: str) -> str:
    done = subprocess.run(
        ["xdotool", *arguments],
        env={**os.environ, "DISPLAY": display},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    return done.stdout.strip()


def wait(what: str, condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"It did not come to pass: {what}")
        time.sleep(0.2)


def step(what: str, detail: str) -> None:
    print(f"  {what}" + (f": {detail.strip()}" if detail.strip() else ""), flush=True)


def _apart(root: Path, network: bool) -> list[str]:
    """A command in namespaces: mounts of its own, and no network but where it is asked for."""
    mounts = (
        f"mount -t proc proc '{root}/proc' && mount --bind /dev '{root}/dev' && "
        f"mkdir -p '{root}/tmp/.X11-unix' /tmp/.X11-unix && "
        f"mount --bind /tmp/.X11-unix '{root}/tmp/.X11-unix' && "
        f"if [ -e '{root}/fuse' ]; then mount --bind '{root}/fuse' '{root}/dev/fuse'; fi && exec \"$@\""
    )
    if not network:
        mounts = f"/sbin/ip link set lo up && {mounts}"  # the loopback device alone
    apart = ["unshare", "--mount", *([] if network else ["--net"])]
    return [*apart, "sh", "-c", mounts, "sh"]


if __name__ == "__main__":
    sys.exit(main())
