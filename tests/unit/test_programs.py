import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import photosearch
from photosearch import programs

SOURCE = Path(photosearch.__file__).parent


@pytest.mark.parametrize("module", ["photosearch.engine", "trainer"])
def test_a_child_starts_by_its_command(module, tmp_path):
    (tmp_path / "photosearch.py").write_text("raise SystemExit('what lies in the folder was imported')")
    command = [*programs.command(module), "--help"]
    assert command[0] == sys.executable
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"usage: python -m {module}")


def test_a_frozen_child_is_asked_of_the_one_executable(monkeypatch):
    monkeypatch.setattr(programs, "FROZEN", True)
    monkeypatch.setattr(sys, "executable", "/opt/photosearch/photosearch")
    assert programs.command("trainer") == ("/opt/photosearch/photosearch", "-m", "trainer")


def test_an_appimage_is_itself_the_program_for_the_shell(monkeypatch):
    monkeypatch.setattr(programs, "FROZEN", True)
    monkeypatch.setattr(sys, "executable", "/tmp/.mount_1/usr/lib/photosearch/photosearch")
    monkeypatch.setenv("APPIMAGE", "/home/ana/PhotoSearch.AppImage")
    for mounted, program in (
        ("/tmp/.mount_1", "/home/ana/PhotoSearch.AppImage"),
        ("/tmp/.mount_2", sys.executable),
    ):
        monkeypatch.setenv("APPDIR", mounted)
        assert programs.shell_program() == Path(program)


def test_nothing_else_starts_the_interpreter():
    naming = {
        str(file.relative_to(SOURCE))
        for file in SOURCE.rglob("*.py")
        if "sys.executable" in file.read_text("utf-8")
    }
    assert naming == {"programs.py"}


def test_programs_of_the_system_are_started_in_one_place():
    """By then their environment has been restored: see photosearch/gui/app.py."""
    ways = ("QDesktopServices", "QProcess", "startfile", "webbrowser", "xdg-open")
    naming = {
        str(file.relative_to(SOURCE))
        for file in SOURCE.rglob("*.py")
        if any(way in file.read_text("utf-8") for way in ways)
    }
    assert naming == {"gui/desktop/files.py"}


def test_other_programs_get_the_environment_that_the_person_had(monkeypatch):
    for name in programs.CHANGED_BY_FREEZING:
        monkeypatch.setenv(name, "/opt/photosearch")
        monkeypatch.delenv(f"{name}_ORIG", raising=False)
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/usr/local/cuda")
    programs.restore_environment()
    assert environment() == dict.fromkeys(programs.CHANGED_BY_FREEZING, "/opt/photosearch")
    monkeypatch.setattr(programs, "FROZEN", True)
    programs.restore_environment()
    assert environment() == {"LD_LIBRARY_PATH": "/usr/local/cuda"}


def environment() -> dict[str, str]:
    """What a program that is started now has of them."""
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return {name: value for name, value in json.loads(said).items() if name in programs.CHANGED_BY_FREEZING}


@pytest.mark.parametrize(
    ("meanwhile", "gone"), [("pass", False), ("file.unlink()", True), ("other.replace(file)", True)]
)
def test_a_program_knows_that_it_was_removed_or_replaced(meanwhile, gone, tmp_path):
    for name in ("__init__.py", "programs.py", "core/__init__.py", "core/errors.py"):
        (tmp_path / "photosearch" / name).parent.mkdir(exist_ok=True)
        shutil.copy(SOURCE / name, tmp_path / "photosearch" / name)
    shutil.copy(SOURCE / "programs.py", tmp_path / "other.py")
    code = f"""
from pathlib import Path
from photosearch import programs
file, other = programs.file(), Path("other.py")
assert file == Path("photosearch/programs.py").absolute()
{meanwhile}
print(programs.is_gone())
"""
    command = [sys.executable, "-c", code]
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    said = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True).stdout
    assert said.strip() == str(gone)
