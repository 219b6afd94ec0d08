"""What the program starts and puts on the disk, and that nothing of it is left."""

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QApplication

from app.engine.engine import Engine
from tests.window_parts import sweep
from widgets import theme


@contextmanager
def nothing_left(folder: Path) -> Iterator[None]:
    """No thread, process or file is left of what happens meanwhile.

    All that would lie in shared memory or among temporary files lies in `folder`:
    elsewhere others may put things at the same time.
    """
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply(application, "dark")  # its files stay for as long as the application does
    sweep()
    threads, processes = set(threading.enumerate()), below()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("memory", "temporary"):
            (folder / name).mkdir(parents=True)
        patch.setattr("app.engine.shared_rows.IN_MEMORY", folder / "memory")
        patch.setattr("tempfile.tempdir", str(folder / "temporary"))
        patch.setenv("TMPDIR", str(folder / "temporary"))
        yield
        left = sorted(path.relative_to(folder) for path in folder.rglob("*/*"))
        assert left == [], left
    assert set(threading.enumerate()) <= threads
    assert below() <= processes


def below() -> set[int]:
    """The processes that this one has started, but for Python's own helper."""
    helper = resource_tracker._resource_tracker._pid  # type: ignore[attr-defined]
    return {process.pid for process in psutil.Process().children(recursive=True)} - {helper}


def process_of(engine: Engine) -> int:
    """The number of the engine's process."""
    keeper = engine._keeper
    assert keeper is not None
    log = str(keeper._log)
    for process in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if any(file.path == log for file in process.open_files()):
                return process.pid
    raise AssertionError("there is no process")
