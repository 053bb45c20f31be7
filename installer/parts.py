"""What a frozen folder is made of: its parts with their licences, told by what lies in it.

Three kinds of parts: Python distributions, whose metadata the folder has; libraries that PyInstaller or a
wheel brought, of which `libraries.toml` names those that may be in it; and tables of data.
"""

import hashlib
import json
import platform
import re
import shutil
import subprocess
import tomllib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from pathlib import Path

LICENCES = Path(__file__).with_name("licences")  # those that parts only name
LIBRARIES = Path(__file__).with_name("libraries.toml")
# Encoders and line editors under the GPL that wheels and PyInstaller bring along unasked.
REFUSED = ("libx264", "libx265", "libreadline", "libgdbm", "libpostproc", "libfftw3", "libmpg123gpl")
_GPL = re.compile(r"(?<![LA])\bA?GPL|(?<!Lesser )General Public License|Affero", re.IGNORECASE)


class RefusedPart(Exception):
    """Something is in the folder that PhotoSearch cannot be given away with, or that nobody has looked at."""


@dataclass(frozen=True)
class Part:
    """Something of other people's that is in the folder."""

    name: str
    version: str
    licence: str
    texts: tuple[Path, ...] = ()  # of its licence
    kind: str = "pypi"  # or "generic", a library of the system

    @property
    def purl(self) -> str:
        """Its package URL (purl-spec)."""
        return f"pkg:{self.kind}/{self.name.lower().replace('_', '-')}" + (
            f"@{self.version}" * bool(self.version)
        )


def parts(folder: Path) -> list[Part]:
    """The parts of the folder that PyInstaller made, by their names.

    Raises:
        RefusedPart: one is under the GPL, or is a library that `libraries.toml` does not know.
    """
    inside = folder / "_internal"
    if refused := sorted(path.name for path in folder.rglob("*") if path.name.startswith(REFUSED)):
        raise RefusedPart(f"{', '.join(refused)}: not to be given away with PhotoSearch")
    found = [_distribution(place) for place in inside.glob("*.dist-info")]
    found += _libraries(inside) + _brought(inside) + _tables(inside)
    if bad := [f"{part.name} ({part.licence})" for part in found if _is_gpl(part.licence)]:
        raise RefusedPart(f"{', '.join(bad)}: under the GPL")
    return sorted(found, key=lambda part: part.name.lower())


def of_runtime(folder: Path) -> list[Part]:
    """The parts of an AppImage's runtime, each with the text that was put beside it."""
    known = tomllib.loads(LIBRARIES.read_text("utf-8"))["runtime"]
    return [
        Part(part["from"], "", part["licence"], (folder / f"{package}.txt",), kind="generic")
        for package, part in known.items()
    ]


def sbom(found: Sequence[Part], version: str, when: str) -> str:
    """A CycloneDX 1.6 bill of materials, as JSON. The same parts give the same bytes.

    Args:
        when: of the version, as 2026-11-29T12:00:00Z
    """
    components = [
        {
            "type": "library",
            "bom-ref": part.purl,
            "name": part.name,
            "version": part.version,
            "purl": part.purl,
            "licenses": [{"license": {"name": part.licence}}],
        }
        for part in found
    ]
    seed = hashlib.sha256(json.dumps([components, version, when]).encode()).hexdigest()
    return json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": f"urn:uuid:{uuid.UUID(seed[:32])}",
            "version": 1,
            "metadata": {
                "timestamp": when,
                "component": {"type": "application", "name": "PhotoSearch", "version": version},
            },
            "components": components,
        },
        indent=1,
    )


def notices(found: Sequence[Part]) -> str:
    """Every part with its licence, and the texts that came with it."""
    pieces = ["What PhotoSearch is made of besides its own code, and under which licences.\n"]
    for part in found:
        pieces.append(f"{'=' * 100}\n{part.name} {part.version}\n{part.licence}\n")
        pieces += [
            f"{'-' * 100}\n{text.read_text('utf-8', errors='replace').strip()}\n" for text in part.texts
        ]
    return "\n".join(pieces)


def _distribution(place: Path) -> Part:
    metadata = message_from_string((place / "METADATA").read_text("utf-8"))
    texts = sorted(
        path
        for path in place.rglob("*")
        if path.is_file() and re.match(r"(?i)licen[cs]e|copying|notice|authors", path.name)
    )
    return Part(metadata["Name"], metadata["Version"], _licence(metadata), tuple(texts))


def _licence(metadata: Message) -> str:
    if expression := metadata["License-Expression"]:
        return str(expression)
    prefix = "License :: "
    classified = [
        each.rpartition(" :: ")[2] for each in metadata.get_all("Classifier", []) if each.startswith(prefix)
    ]
    stated = str(metadata["License"] or "")
    if stated and "\n" not in stated:
        return stated
    return " OR ".join(classified) or "unknown"


def _libraries(inside: Path) -> list[Part]:
    """The shared libraries that lie in the folder itself; those of a wheel lie below it."""
    known = tomllib.loads(LIBRARIES.read_text("utf-8"))["libraries"]
    found, strangers = {}, []
    texts = _texts_of_debian([file.name for file in inside.glob("*.so*")])
    for file in inside.glob("*.so*"):
        name = re.sub(r"\.so.*$", "", file.name)
        name = next((each for each in known if re.fullmatch(each, name)), "")
        if file.is_symlink() or re.search(r"\.cpython-|\.abi3", file.name):
            continue
        if not name:
            strangers.append(file.name)
        else:
            part = known[name]
            version = platform.python_version() if part["from"] == "Python" else ""
            found[part["from"]] = Part(
                part["from"], version, part["licence"], texts.get(file.name, ()), kind="generic"
            )
    if strangers:
        raise RefusedPart(f"{', '.join(sorted(strangers))}: in no line of {LIBRARIES.name}")
    return list(found.values())


def _brought(inside: Path) -> list[Part]:
    """Libraries that a wheel brought along without the text of their licence."""
    known = tomllib.loads(LIBRARIES.read_text("utf-8"))["brought"]
    names = [file.name for file in inside.glob("*.libs/*")]
    return [
        Part(
            part["from"],
            "",
            part["licence"],
            tuple(LICENCES / text for text in part["texts"]),
            kind="generic",
        )
        for start, part in known.items()
        if any(name.startswith(start) for name in names)
    ]


def _tables(inside: Path) -> list[Part]:
    """Data of other people's that ships with the program; each folder says whose it is."""
    texts = inside.glob("photosearch/resources/*/LICENCES.md")
    return [
        Part(f"Tables of {text.parent.name}", "", "as it says", (text,), kind="generic") for text in texts
    ]


def _texts_of_debian(names: Sequence[str]) -> dict[str, tuple[Path, ...]]:
    """Where the computer that builds is a Debian: by a library's file name, its package's copyright file."""
    if not names or not shutil.which("dpkg"):
        return {}
    command = ["dpkg", "--search", *(f"*/{name}" for name in names)]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    owners = {
        Path(place).name: owner.split(":")[0] for owner, _, place in (line.partition(": ") for line in lines)
    }
    texts = {name: Path("/usr/share/doc") / owner / "copyright" for name, owner in owners.items()}
    return {name: (text,) for name, text in texts.items() if text.exists()}


def _is_gpl(licence: str) -> bool:
    """Whether there is no way round the GPL: `A OR B` lets one choose, an exception lets one link."""
    choices = re.split(r"(?i)\s+or\s+|/", licence.strip("()"))
    return all(_GPL.search(choice) and "exception" not in choice.lower() for choice in choices)
