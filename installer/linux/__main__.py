"""`python -m installer.linux FOLDER --out DIR`: packages of a frozen folder."""

import argparse
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from installer import parts
from installer.linux.layout import HERE, MAINTAINER, lay_out, tell_parts
from photosearch import __version__

LARGEST_INSTALLED, LARGEST_PACKAGE = 320_000_000, 155_000_000  # bytes
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
SPEC = """\
%define debug_package %{{nil}}
%define _build_id_links none
%define __os_install_post %{{nil}}
%define __spec_install_pre %{{___build_pre}}
%define __provides_exclude_from ^/usr/lib/photosearch/.*$
%define __requires_exclude ^({inside})\\\\.so
Name: photosearch
Version: {version}
Release: 1
Summary: Find your own photos by what is in them
License: Apache-2.0
Packager: {packager}
Requires: hicolor-icon-theme

%description
Type "two dogs running on a beach" and see them in the time of a keystroke, on
your own machine, with nothing uploaded and no photo ever written to.

%install

%clean

%files
%defattr(-, root, root)
{files}
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m installer.linux", description=__doc__)
    parser.add_argument("folder", type=Path, help="what PyInstaller made")
    parser.add_argument("--out", type=Path, required=True, help="where the packages go")
    parser.add_argument(
        "--runtime",
        type=Path,
        metavar="FOLDER",
        help="what AppImages begin with, and licences of it",
    )
    parser.add_argument("--home", metavar="URL", help="of the project's pages, for the metainfo")
    options = parser.parse_args()
    changed_at = int(os.environ["SOURCE_DATE_EPOCH"])
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.out) as scratch:
        root = Path(scratch) / "root"
        try:
            found = parts.parts(options.folder)
        except parts.RefusedPart as refused:
            print(f"No package is made: {refused}.", file=sys.stderr)
            return 1
        lay_out(options.folder, root, changed_at, options.home)
        tell_parts(root, found, changed_at)
        installed = sum(file.lstat().st_size for file in root.rglob("*") if not file.is_dir())
        made = [deb(root, options.out, installed), tarball(root, options.out)]
        if shutil.which("rpmbuild"):
            made.append(rpm(root, options.out, Path(scratch)))
        else:
            print("No .rpm is made, as there is no rpmbuild here.")
        if options.runtime:
            tell_parts(root, [*found, *parts.of_runtime(options.runtime)], changed_at)
            made.append(appimage(root, options.out, options.runtime))
        else:
            print("No AppImage is made, as there is no runtime for it.")
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
    for folder in (control, root / "usr/share/lintian"):
        shutil.rmtree(folder)
    return package


def rpm(root: Path, out: Path, scratch: Path) -> Path:
    """The package of Fedora and openSUSE; rpmbuild finds itself what of the system the files need."""
    for_zsh = root / "usr/share/zsh"
    (for_zsh / "vendor-completions").rename(for_zsh / "site-functions")  # where these look for it
    whole = [root / "usr/lib/photosearch", root / "usr/share/doc/photosearch"]
    others = [
        path
        for path in sorted(root.rglob("*"))
        if (path.is_symlink() or path.is_file()) and not any(path.is_relative_to(folder) for folder in whole)
    ]
    inside = {re.sub(r"\.so.*", "", path.name) for path in whole[0].rglob("*.so*")}
    spec = scratch / "photosearch.spec"
    spec.write_text(
        SPEC.format(
            version=__version__,
            packager=MAINTAINER,
            inside="|".join(re.sub(r"([.+])", r"\\\\\1", name) for name in sorted(inside)),
            files="\n".join(f"/{path.relative_to(root)}" for path in [*whole, *others]),
        )
    )
    made = scratch / "made.rpm"
    defined = {
        "_topdir": scratch / "rpm",
        "_rpmdir": made.parent,
        "_rpmfilename": made.name,
        "_buildhost": "photosearch",
        "_binary_payload": "w19T0.zstdio",
        "use_source_date_epoch_as_buildtime": 1,
    }
    words = [word for name, value in defined.items() for word in ("--define", f"{name} {value}")]
    subprocess.run(["rpmbuild", "-bb", "--quiet", "--buildroot", root.absolute(), *words, spec], check=True)
    (for_zsh / "site-functions").rename(for_zsh / "vendor-completions")
    return Path(shutil.move(made, out / f"photosearch-{__version__}-1.{platform.machine()}.rpm"))


def appimage(root: Path, out: Path, runtime: Path) -> Path:
    """One file that runs without being installed: the runtime, and a squashfs of the files behind it."""
    (root / "AppRun").symlink_to("usr/bin/photosearch")
    for place in ("applications/photosearch.desktop", "icons/hicolor/256x256/apps/photosearch.png"):
        shutil.copy2(root / "usr/share" / place, root)
    (root / ".DirIcon").symlink_to("photosearch.png")
    begins = bytearray((runtime / "runtime").read_bytes())
    begins[8:11] = b"AI\2"  # an AppImage of the second type
    file = out / f"PhotoSearch-{__version__}-{platform.machine()}.AppImage"
    file.unlink(missing_ok=True)
    packing = ["-comp", "zstd", "-Xcompression-level", "22", "-b", "1M", "-offset", str(len(begins))]
    packing += ["-all-root", "-no-xattrs", "-quiet", "-no-progress"]
    subprocess.run(["mksquashfs", root, file, *packing], check=True)
    with file.open("r+b") as made:
        made.write(begins)
    file.chmod(0o755)
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
