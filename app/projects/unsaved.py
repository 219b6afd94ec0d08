"""Unsaved work on the disk: one folder for each window, found again after a crash."""

import json
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from app.jobs.recover import ABOUT, PICTURE, SCENE, About
from app.projects.lock import Lock, holder_of
from core.project.files import removed
from core.project.folder import is_project

HALF_BEGUN = 600.0  # seconds after which a folder without a scene in it is nobody's


@dataclass(frozen=True)
class Left:
    """Work that a window left which did not end well. `folder`: where it lies."""

    folder: Path
    about: About

    @property
    def scene(self) -> Path:
        return self.folder / SCENE

    @property
    def picture(self) -> Path:
        return self.folder / PICTURE

    @property
    def path(self) -> Path | None:
        """The project that it belongs to."""
        return Path(self.about.path) if self.about.path else None


def place(preferences: Path | None) -> Path:
    """Where the unsaved work of all windows lies; `preferences`: as for `Memories`."""
    if preferences is not None:
        return preferences.parent / "unsaved"
    kind = QStandardPaths.StandardLocation.GenericDataLocation
    return Path(QStandardPaths.writableLocation(kind)) / "maquette" / "unsaved"


def found(root: Path) -> list[Left]:
    """What nobody works on any more, the newest first; what is of no use is removed."""
    left: list[Left] = []
    with suppress(OSError):
        for folder in root.iterdir():
            if not folder.is_dir() or holder_of(folder) is not None:
                continue
            about = _about(folder)
            if about is not None and is_project(folder / SCENE):
                left.append(Left(folder, about))
            elif time.time() - folder.stat().st_mtime > HALF_BEGUN:
                removed(folder)
    return sorted(left, key=lambda each: -each.about.when)


class Own:
    """The folder of this window, made when it is needed."""

    def __init__(self, root: Path) -> None:
        self._root, self._lock = root, Lock()

    @property
    def folder(self) -> Path | None:
        return self._lock.folder

    def made(self) -> Path:
        """The folder, which is there now. Raises OSError."""
        if self._lock.folder is None:
            folder = self._root / secrets.token_hex(8)
            folder.mkdir(parents=True)
            self._lock.take(folder)
        assert self._lock.folder is not None
        return self._lock.folder

    def refresh(self) -> None:
        """Tell other computers that this window still runs."""
        self._lock.refresh()

    def adopt(self, left: Left) -> bool:
        """Go on in the folder of `left`; False where another window does so already."""
        self.remove()
        with suppress(OSError):
            return self._lock.take(left.folder) is None
        return False

    def forget(self) -> None:
        """Nothing is unsaved: leave nothing to find, but photos that may still be shown."""
        if self._lock.folder is not None:
            with suppress(OSError):
                (self._lock.folder / ABOUT).unlink(missing_ok=True)

    def remove(self) -> None:
        """All of it."""
        folder = self._lock.folder
        if folder is not None:
            gone(folder)
            self._lock.release()


def gone(folder: Path) -> None:
    """Remove unsaved work; half removed it would not be found."""
    with suppress(OSError):
        (folder / ABOUT).unlink(missing_ok=True)
    removed(folder)


def _about(folder: Path) -> About | None:
    try:
        content = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        return About(str(content["name"]), str(content["path"]), float(content["when"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
