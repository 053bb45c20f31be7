"""`python -m installer.linux FOLDER --out DIR`: packages of a frozen folder."""

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from installer.linux.layout import HERE, MAINTAINER, lay_out
from installer.parts import RefusedPart
from photosearch import __version__

LARGEST_INSTALLED, LARGEST_PACKAGE = 320_000_000, 140_000_000  # bytes
# Data that the libraries in the folder read from the system.
DATA = "fontconfig-config, libx11-data, xkb-data"
CONTROL = """\
Package: photosearch
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {kilobytes}
Depends: {depends}, {data}
Recommends: fonts-noto-cjk
Section: graphics
Priority: optional
Description: find your own photos by what is in them
 Type "two dogs running on a beach" and see them in the time of a keystroke, on
 your own machine, with nothing uploaded and no photo ever written to.
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m installer.linux", description=__doc__)
    parser.add_argument("folder", type=Path, help="what PyInstaller made")
    parser.add_argument("--out", type=Path, required=True, help="where the packages go")
    parser.add_argument("--home", metavar="URL", help="of the project's pages, for the metainfo")
    options = parser.parse_args()
    changed_at = int(os.environ["SOURCE_DATE_EPOCH"])
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.out) as scratch:
        root = Path(scratch) / "root"
        try:
            lay_out(options.folder, root, changed_at, options.home)
        except RefusedPart as refused:
            print(f"No package is made: {refused}.", file=sys.stderr)
            return 1
        installed = sum(file.lstat().st_size for file in root.rglob("*") if not file.is_dir())
        made = [deb(root, options.out, installed), tarball(root, options.out)]
        if shutil.which("appimagetool"):
            made.append(appimage(root, options.out))
        else:
            print("No AppImage is made, as there is no appimagetool here.")
    print(f"{installed / 1e6:6.1f} MB  installed")
    for file in made:
        print(f"{file.stat().st_size / 1e6:6.1f} MB  {file}")
    if installed > LARGEST_INSTALLED or any(file.stat().st_size > LARGEST_PACKAGE for file in made):
        print("That is more than a package of PhotoSearch may be.", file=sys.stderr)
        return 1
    return 0


def tarball(root: Path, out: Path) -> Path:
    """A folder that runs wherever it is unpacked."""
    name = f"photosearch-{__version__}-linux-{platform.machine()}"
    file = out / f"{name}.tar.zst"
    command = [
        "tar",
        "--create",
        "--file",
        str(file),
        "--use-compress-program",
        "zstd -19 -T0",
        "--sort=name",
    ]
    command += [
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        f"--transform=s,^usr,{name},",
        "-C",
        str(root),
        "usr",
    ]
    subprocess.run(command, check=True)
    return file


def deb(root: Path, out: Path, installed: int) -> Path:
    """The package of Debian and Ubuntu."""
    control = root / "DEBIAN"
    control.mkdir()
    architecture = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout.strip()
    shutil.copy(HERE / "postrm", control)
    (control / "postrm").chmod(0o755)
    overrides = root / "usr/share/lintian/overrides/photosearch"
    overrides.parent.mkdir(parents=True)
    shutil.copy(HERE / "lintian-overrides", overrides)
    overrides.chmod(0o644)
    text = CONTROL.format(
        version=__version__,
        architecture=architecture,
        maintainer=MAINTAINER,
        kilobytes=-(-installed // 1024),
        depends=_depends(root),
        data=DATA,
    )
    (control / "control").write_text(text)
    sums = "".join(
        f"{_md5(file)}  {file.relative_to(root)}\n"
        for file in sorted((root / "usr").rglob("*"))
        if file.is_file() and not file.is_symlink()
    )
    (control / "md5sums").write_text(sums)
    for file in (control / "control", control / "md5sums"):
        file.chmod(0o644)
    package = out / f"photosearch_{__version__}_{architecture}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, package], check=True)
    shutil.rmtree(control)
    return package


def appimage(root: Path, out: Path) -> Path:
    """One file that runs without being installed."""
    (root / "AppRun").symlink_to("usr/bin/photosearch")
    for place in ("applications/photosearch.desktop", "icons/hicolor/256x256/apps/photosearch.png"):
        shutil.copy(root / "usr/share" / place, root)
    file = out / f"PhotoSearch-{__version__}-{platform.machine()}.AppImage"
    subprocess.run(["appimagetool", "--no-appstream", root, file], check=True)
    return file


def _depends(root: Path) -> str:
    """The packages that have the libraries which are not in the folder, as dpkg-shlibdeps finds them."""
    inside = root.absolute() / "usr/lib/photosearch"
    files = [path for path in inside.rglob("*") if path.is_file() and not path.is_symlink()]
    programs = [path for path in files if path.open("rb").read(4) == b"\x7fELF"]
    folders = sorted({path.parent for path in inside.rglob("*.so*")})
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "debian").mkdir()
        (Path(scratch) / "debian/control").write_text(
            "Source: photosearch\n\nPackage: photosearch\nArchitecture: any\n"
        )
        command = ["dpkg-shlibdeps", "-O", "--ignore-missing-info", "--warnings=0"]
        command += [f"-l{folder}" for folder in folders]
        command += [f"-e{program}" for program in programs]
        said = subprocess.run(command, cwd=scratch, stdout=subprocess.PIPE, text=True, check=True).stdout
    return said.strip().removeprefix("shlibs:Depends=")


def _md5(file: Path) -> str:
    return hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
