"""What the window waits for before it is seen, in a process of its own."""

import subprocess
import sys
from pathlib import Path

# Ends at the first paint; prints the modules that are imported by then, and the sources that were read.
PAINTED = """
import linecache, os, sys
from pathlib import Path
from photosearch.gui.app import application, build
from PySide6.QtCore import QEvent, QObject
from photosearch.core.errors import KnownError
from photosearch.paths import Library

def nobody():
    raise KnownError("There is no engine.")

class Watch(QObject):
    def eventFilter(self, target, event):
        if event.type() == QEvent.Type.Paint and target.isWidgetType():
            print(*sorted(sys.modules))
            print(*(name for name in linecache.cache if os.sep + "photosearch" + os.sep in name), flush=True)
            os._exit(0)
        return False

app = application()
window = build(Library(Path(sys.argv[1])), connect=nobody)
watch = Watch()
app.installEventFilter(watch)
window.show()
app.exec()
"""
LATER = {
    "captions.mode",
    "shell.settings_dialog",
    "shell.shortcuts",
    "shell.update_check",
    "teach.dialog",
    "teach.words_popover",
}


def test_the_window_is_seen_before_much_is_imported(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PAINTED, str(tmp_path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    modules, sources = (line.split() for line in printed.splitlines())
    assert len(modules) < 620  # 592 as measured
    heavy = {"torch", "PIL", "onnxruntime", "tokenizers", "numkong", "trainer"}
    assert not heavy & {module.partition(".")[0] for module in modules}
    assert not {f"photosearch.gui.{room}" for room in LATER} & set(modules)
    assert sources == []  # PySide would read each
