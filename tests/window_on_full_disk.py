"""The window on a disk that fills up: saving, keeping unsaved work and exporting by real events.

Run as `python -m tests.window_on_full_disk DISK` by a test that has made a small disk there.
"""

import sys
from pathlib import Path

import torch
from PySide6.QtCore import Qt

from app.commands.gui import make_application
from app.program import Program
from core.capture.find import find_photos
from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction, SparsePoints
from core.gaussians.arrays import SplatArrays
from core.pipeline.settings import PRESETS, Preset
from core.project.folder import Project, open_project, save_project
from core.scene.edits import ChangeSettings
from tests.scenes import cloud
from tests.small_room import make_room
from tests.window_parts import CONTROL, Answers, at_rest, click, notice, opened, press, until

ROWS = 20_000
LEFT_FREE = 300_000  # bytes: room for small files, not for a scene
FULL = ("is full", "are free on the disk")


def fill(disk: Path) -> Path:
    """A file that leaves hardly any room."""
    filling = disk / "filling"
    with filling.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(100_000))
        except OSError:
            file.truncate(max(0, file.tell() - LEFT_FREE))
    return filling


def files(disk: Path) -> dict[Path, bytes]:
    """All that has a final name, but for locks, which are renewed."""
    return {
        path: path.read_bytes()
        for path in sorted(disk.rglob("*"))
        if path.is_file() and path.suffix in (".ply", ".json", ".safetensors")
        if path.name != "open.json"
    }


def told(words: str) -> bool:
    return any(each in words for each in FULL)


def change(program: Program, preset: Preset) -> None:
    program.document.commit(ChangeSettings(PRESETS[preset]))
    assert program.document.modified


def project_of(folder: Path) -> Project:
    """Photos, which lie in `folder`, and Gaussians."""
    photos, _model = make_room(folder)
    capture = next(step for step in find_photos([photos], folder) if isinstance(step, Capture))
    nothing = Reconstruction((), SparsePoints.none(), ())
    return Project(capture, nothing, cloud(ROWS), torch.zeros(0, 2, 3), ())


def use(program: Program, answers: Answers, disk: Path) -> None:
    project = disk / "a.maquette"
    until(lambda: isinstance(program.state.content, SplatArrays) and at_rest(program))
    out = disk / "out.ply"
    out.write_bytes(b"as it was")
    filling = fill(disk)
    before = files(disk)
    program.window.banner.clear()

    change(program, Preset.BEST)
    press(program.window, Qt.Key.Key_S, CONTROL)
    assert told(notice(program, "disk").notice.problem)
    until(lambda: at_rest(program))
    assert program.document.modified
    assert files(disk) == before

    program.window.banner.clear()
    program.projects.autosaving._due = 0.0
    box = notice(program, "Unsaved work could not be kept safe")
    assert told(box.notice.problem)
    until(lambda: at_rest(program))
    assert files(disk) == before

    answers.file = out
    press(program.window, Qt.Key.Key_E, CONTROL)
    dialog = program.exporting.dialog
    assert dialog is not None
    click(dialog.begin)
    until(lambda: dialog.pages.currentWidget() is dialog.end)
    assert dialog.end.head.text() == "It was not exported"
    assert told(dialog.end.words.text()), dialog.end.words.text()
    dialog.close()
    assert files(disk) == before
    assert not [path for path in disk.rglob("*") if "unfinished" in path.name]

    filling.unlink()
    press(program.window, Qt.Key.Key_S, CONTROL)
    until(lambda: not program.document.modified and at_rest(program))
    assert open_project(project).settings["preset"] == Preset.BEST.value


def main() -> None:
    disk = Path(sys.argv[1])
    _application = make_application()
    answers = Answers()
    save_project(disk / "a.maquette", project_of(disk.parent))
    with opened(disk, answers, disk / "a.maquette") as program:  # its unsaved work lies there too
        use(program, answers, disk)
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main()
