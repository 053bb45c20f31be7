import json
from pathlib import Path

import pytest

from installer.parts import Part, RefusedPart, notices, of_runtime, parts, sbom


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "_internal").mkdir()
    add_distribution(tmp_path, "toy", "License-Expression: MIT")
    return tmp_path


def add_distribution(folder: Path, name: str, *lines: str) -> None:
    place = folder / f"_internal/{name}-1.0.dist-info"
    (place / "licenses").mkdir(parents=True)
    (place / "licenses/LICENSE.txt").write_text(f"You may use {name}.")
    text = "\n".join(["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *lines])
    (place / "METADATA").write_text(text + "\n\nAbout it.")


def test_each_distribution_and_library_is_a_part_with_its_licence(folder):
    add_distribution(folder, "older", "License: BSD", "Classifier: License :: OSI Approved :: BSD License")
    add_distribution(folder, "classified", "Classifier: License :: OSI Approved :: Apache Software License")
    (folder / "_internal/libz.so.1").touch()
    (folder / "_internal/toy.cpython-311-x86_64-linux-gnu.so").touch()
    assert [(part.name, part.licence, part.purl) for part in parts(folder)] == [
        ("classified", "Apache Software License", "pkg:pypi/classified@1.0"),
        ("older", "BSD", "pkg:pypi/older@1.0"),
        ("toy", "MIT", "pkg:pypi/toy@1.0"),
        ("zlib", "Zlib", "pkg:generic/zlib"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "License-Expression: GPL-3.0-or-later",
        "License: AGPLv3",
        "Classifier: License :: OSI Approved :: GNU General Public License v2 (GPLv2)",
    ],
)
def test_a_part_under_the_gpl_is_refused(folder, line):
    add_distribution(folder, "strict", line)
    with pytest.raises(RefusedPart, match="strict"):
        parts(folder)


@pytest.mark.parametrize(
    "line",
    [
        "License-Expression: LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
        "License-Expression: GPL-3.0-or-later WITH GCC-exception-3.1",
        "Classifier: License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)",
    ],
)
def test_a_part_with_a_way_round_the_gpl_is_taken(folder, line):
    add_distribution(folder, "lenient", line)
    assert len(parts(folder)) == 2


def test_an_encoder_under_the_gpl_is_refused_wherever_it_lies(folder):
    place = folder / "_internal/some.libs/libx265-4883ecb5.so.217"
    place.parent.mkdir()
    place.touch()
    with pytest.raises(RefusedPart, match="libx265"):
        parts(folder)


def test_a_library_that_nobody_looked_at_is_refused(folder):
    (folder / "_internal/libstranger.so.3").touch()
    with pytest.raises(RefusedPart, match=r"libstranger\.so\.3: in no line of libraries\.toml"):
        parts(folder)


def test_the_bill_of_materials_is_the_same_each_time():
    found = [Part("toy", "1.0", "MIT"), Part("zlib", "", "Zlib", kind="generic")]
    bill = sbom(found, "2.0", "2026-11-29T00:00:00Z")
    assert bill == sbom(found, "2.0", "2026-11-29T00:00:00Z")
    read = json.loads(bill)
    assert (read["bomFormat"], read["specVersion"]) == ("CycloneDX", "1.6")
    assert [each["purl"] for each in read["components"]] == ["pkg:pypi/toy@1.0", "pkg:generic/zlib"]


def test_the_runtime_of_an_appimage_has_its_licences(folder):
    packages = ("libsquashfuse-dev", "libfuse3-dev", "libzstd-dev", "libc6-dev")
    for package in packages:
        (folder / f"{package}.txt").write_text(f"You may use {package}.")
    told = notices(of_runtime(folder))
    assert all(f"You may use {package}." in told for package in packages)


@pytest.mark.parametrize(
    ("file", "name", "text"),
    [
        ("libjasper-5b68ace6.so.7.0.0", "JasPer", "JasPer License Version 2.0"),
        ("libgomp-98b21ff3.so.1.0.0", "libgomp", "GCC RUNTIME LIBRARY EXCEPTION"),
    ],
)
def test_a_library_that_a_wheel_brought_without_its_licence_has_it_all_the_same(folder, file, name, text):
    place = folder / "_internal/toy.libs" / file
    place.parent.mkdir()
    place.touch()
    assert [part.name for part in parts(folder)] == sorted([name, "toy"], key=str.casefold)
    assert text in notices(parts(folder))


def test_tables_of_data_are_parts_too(folder):
    place = folder / "_internal/photosearch/resources/towns/LICENCES.md"
    place.parent.mkdir(parents=True)
    place.write_text("Of GeoNames.")
    assert [part.name for part in parts(folder)] == ["Tables of towns", "toy"]
    assert "Of GeoNames." in notices(parts(folder))


def test_the_notices_have_every_licence_s_text(folder):
    assert "You may use toy." in notices(parts(folder))
