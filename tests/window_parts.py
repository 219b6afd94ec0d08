"""The whole program for tests: opened with answers at hand, and used by real events."""

import gc
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QMimeData, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.dialogs import Answer
from app.engine.events import EngineState
from app.opening import open_program
from app.program import Program
from core.capture.colmap import read_colmap
from core.capture.names import match_names
from core.pipeline.settings import PRESETS, Preset
from core.scene.document import State
from core.scene.edits import ChangeSettings
from core.scene.plan import names
from tests.engine_jobs import PATIENCE
from tests.small_room import make_room
from tests.viewport_scenes import pixels
from widgets.guard import set_report
from widgets.panels.banner import NoticeBox

T = TypeVar("T")
LEFT = Qt.MouseButton.LeftButton
BARE, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
ENDLESS = 100_000  # iterations that no test sees the end of


@dataclass
class Answers:
    """Stands for the user before a question: what is answered, and which were asked."""

    keep: Answer = Answer.CANCEL
    agrees: bool = True
    file: Path | None = None
    several: tuple[Path, ...] = ()
    asked: list[str] = field(default_factory=list)

    def photos(self) -> tuple[Path, ...]:
        return self._note("photos", self.several)

    def folder(self) -> Path | None:
        return self._note("folder", self.file)

    def one_of(self, question: str, names: Sequence[str]) -> int | None:
        return self._note("one of", 0)

    def words(self, question: str) -> str:
        return self._note("words", "an attic with a desk")

    def project_to_save(self, suggested: Path) -> Path | None:
        return self._note("project", self.file)

    def file_to_write(self, title: str, suggested: Path, kinds: str) -> Path | None:
        return self._note("file", self.file)

    def mask_folder(self) -> Path | None:
        return self._note("masks", self.file)

    def network_folder(self, name: str = "") -> Path | None:
        return self._note("network", self.file)

    network_file = network_folder
    mask_file = thing = moved_photos = scene = mask_folder

    def color(self, present: str) -> str | None:
        return self._note("color", "#123456")

    def keep_changes(self, name: str) -> Answer:
        return self._note("keep", self.keep)

    def sure(self, question: str, explained: str, yes: str) -> bool:
        return self._note("sure", self.agrees)

    def _note(self, question: str, answer: T) -> T:
        self.asked.append(question)
        return answer


@contextmanager
def opened(
    folder: Path, answers: Answers | None = None, path: Path | None = None
) -> Iterator[Program]:
    """The program, with its preferences in `folder`; every error that it meets fails the test."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    # Or the loops in which a test waits would end with the window.
    application.setQuitOnLastWindowClosed(False)
    hook = sys.excepthook
    errors: list[Exception] = []
    program = open_program(
        application, path, dialogs=answers or Answers(), preferences=folder / "preferences.ini"
    )
    sys.excepthook = hook  # pytest-qt's, which fails the test
    set_report(errors.append)
    try:
        program.window.activateWindow()
        until(program.window.isActiveWindow)
        yield program
    finally:
        shut(program)
        set_report(None)
    assert errors == []


def shut(program: Program) -> None:
    """Close the window whatever it holds, as at the end of the program."""
    application = QApplication.instance()
    assert application is not None
    program.window.leaving = lambda: True
    program.window.close()
    application.aboutToQuit.disconnect(program.close)
    program.close()
    program.window.deleteLater()
    sweep()


def sweep() -> None:
    """Have everything deleted that is to be."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()


def pause(seconds: float) -> None:
    """Let the window live for a while, and the processor rest."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Let the window live until `condition`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what was waited for does not come"
        pause(0.02)


# What a user does


def click(widget: QWidget) -> None:
    """On its middle; it has to be seen and to be of use."""
    assert widget.isVisible()
    assert widget.isEnabled()
    QTest.mouseClick(widget, LEFT, BARE, widget.rect().center())


def press(widget: QWidget, key: Qt.Key, keys: Qt.KeyboardModifier = BARE) -> None:
    QTest.keyClick(widget, key, keys)


def drop(program: Program, *paths: Path) -> None:
    """Drag files over the middle of the window and let go, by the way that the system takes."""
    window = program.window
    at = window.rect().center()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    handle = window.windowHandle()
    copy = Qt.DropAction.CopyAction
    for kind, place in ((QDragEnterEvent, at), (QDragMoveEvent, at), (QDropEvent, at.toPointF())):
        event = kind(place, copy, mime, LEFT, BARE)
        QApplication.sendEvent(handle, event)
        assert event.isAccepted()


def drag_across(widget: QWidget, way: QPoint) -> None:
    """Drag from the widget's middle, as a hand does."""
    start = widget.rect().center()
    QTest.mousePress(widget, LEFT, BARE, start)
    for k in range(1, 9):
        QTest.mouseMove(widget, start + way * k / 8)
        pause(0.02)
    QTest.mouseRelease(widget, LEFT, BARE, start + way)


# What a user sees


def said(program: Program) -> list[str]:
    """Problem and hint of each notice, the oldest first."""
    boxes = program.window.banner.boxes
    return [f"{box.notice.problem} {box.notice.hint}" for box in boxes]


def notice(program: Program, words: str, seconds: float = PATIENCE) -> NoticeBox:
    """The notice with these words, once it is there."""

    def found() -> list[NoticeBox]:
        texts = zip(program.window.banner.boxes, said(program), strict=True)
        return [box for box, text in texts if words.lower() in text.lower()]

    until(found, seconds)
    assert found()[0].isVisible()
    return found()[0]


def seen(program: Program) -> NDArray[np.float64]:
    """The view as it is on the screen [h, w, 3], in [0, 1]."""
    return pixels(program.window.viewport)


def shown_part(program: Program) -> float:
    """How much of the view's middle is other than the background, 0 to 1."""
    picture = seen(program)
    height, width = picture.shape[:2]
    middle = picture[height // 4 : -height // 4, width // 4 : -width // 4]
    ground = np.array(program.window.viewport.options.background)
    return float((np.abs(middle - ground).max(axis=2) > 0.06).mean())


def iteration(program: Program) -> int:
    """Where training stands, by what has arrived in the document."""
    step = program.state.step
    return -1 if step is None else step.iteration


def training(program: Program) -> bool:
    """Whether steps come, by what the line at the bottom says."""
    activity = program.window.progress.activity
    return activity.running and activity.stage == "Training" and not activity.paused


def at_rest(program: Program) -> bool:
    """Whether nothing is read, written or built."""
    return program.desk.current is None and not program.building.running


def ready(program: Program) -> bool:
    """Whether both processes wait for work."""
    engines = (program.desk.engine, program.building.engine)
    return at_rest(program) and all(engine.state is EngineState.READY for engine in engines)


# Ways to where a test begins


@dataclass(frozen=True)
class Room:
    """Folders of a few small photos and of the cameras that took them."""

    photos: Path
    model: Path


def small_room(folder: Path) -> Room:
    return Room(*make_room(folder))


def take_photos(program: Program, room: Room) -> None:
    """Drop the room's photos and wait until they are in the strip."""
    drop(program, room.photos)
    until(lambda: len(names(program.state.plan)) == 8 and at_rest(program))


def know_places(program: Program, room: Room, iterations: int = ENDLESS) -> None:
    """Have the photos placed: the solver finds nothing in photos as small as these."""
    capture = program.state.plan.capture
    assert capture is not None
    settings = replace(PRESETS[Preset.QUICK], iterations=iterations, max_size=96)
    program.document.commit(ChangeSettings(settings))
    program.document.show(reconstruction=match_names(read_colmap(room.model), capture))


def begin_training(program: Program) -> None:
    """Build, until Gaussians are there and steps come."""
    until(lambda: button_of(program, "build").isEnabled())
    click(button_of(program, "build"))
    until(lambda: training(program) and program.state.content is not None)


def button_of(program: Program, name: str) -> QWidget:
    """The button in the bar at the top that does the action `name`."""
    found = program.window.toolbar.widgetForAction(program.actions[name])
    assert found is not None
    return found


def cleared(program: Program) -> None:
    """As after the start, for another test."""
    program.building.abandon()
    program.desk.cancel()
    until(lambda: ready(program))
    program.document.load(State())
    program.show_workspace("photos")
    program.window.banner.clear()
    pause(0.05)
