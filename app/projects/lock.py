"""Which window has a folder for itself: a file in it names the process, and outlives no crash."""

import getpass
import json
import math
import os
import platform
import secrets
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

LOCK = "open.json"
SECONDS = 2.0  # by which the beginning of one process may be told differently at two times
BEAT = 60.0  # seconds between two signs of life
SILENT = 300.0  # seconds after which nobody waits for another computer any more


@dataclass(frozen=True)
class Holder:
    """A process that has `folder`: its number, when it began (seconds since 1970), and where.

    `heard`: its last sign of life, seconds since 1970.
    """

    folder: str
    process: int
    began: float
    host: str
    user: str
    heard: float = field(compare=False)

    @property
    def here(self) -> bool:
        """Whether it runs, or ran, on this computer."""
        return self.host == platform.node()

    def alive(self) -> bool:
        """Whether it may still run; of another computer only its signs of life are known.

        One from the future says that the clocks differ: in doubt it runs.
        """
        if not self.here:
            return time.time() - self.heard < SILENT
        try:
            began: float = psutil.Process(self.process).create_time()
        except psutil.NoSuchProcess:
            return False
        except psutil.Error:
            return True
        return abs(began - self.began) < SECONDS


class Lock:
    """At most one folder, which this process has for itself."""

    def __init__(self) -> None:
        self.folder: Path | None = None

    def take(self, folder: Path, over: Holder | None = None) -> Holder | None:
        """Have `folder` instead of what was had before: None, or who has it.

        `over`: who is to lose it, alive or not. Raises OSError where nothing can be written.
        """
        folder = folder.absolute()
        if self.folder == folder:
            found = self.refresh()  # it may have been taken meanwhile
            if found is None or found != over:
                return found
        self.release()
        mine = _self(folder)
        for _ in range(3):
            other = holder_of(folder)
            if other is not None and other not in (mine, over):
                return other
            if other != mine and not _put(folder, mine, over):
                continue
            self.folder = folder
            return None
        return holder_of(folder)

    def refresh(self) -> Holder | None:
        """Give a sign of life. None, or who has taken the folder meanwhile: it is theirs then.

        A disk that cannot be reached just now takes nothing away.
        """
        folder = self.folder
        if folder is None:
            return None
        mine, found = _self(folder), _read(folder / LOCK)
        try:
            if found == mine:
                _write(folder, mine).replace(folder / LOCK)
            elif found is None or not found.alive():
                self.folder = None
                return self.take(folder)
            else:
                self.folder = None
                return found
        except OSError:
            self.folder = folder
        return None

    def release(self) -> None:
        """Leave it to others."""
        folder, self.folder = self.folder, None
        if folder is not None and _read(folder / LOCK) == _self(folder):
            with suppress(OSError):
                (folder / LOCK).unlink()


def holder_of(folder: Path) -> Holder | None:
    """Who has `folder` for itself; None where nobody has, whatever was left there."""
    found = _read(folder / LOCK)
    if found is None or not found.alive():
        return None
    if found.here and found.folder != str(folder.absolute()):
        return None  # the folder was copied while it was open
    return found


def _self(folder: Path) -> Holder:
    own = psutil.Process()
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # nobody by that number is known
        user = ""
    return Holder(
        str(folder.absolute()), own.pid, own.create_time(), platform.node(), user, time.time()
    )


def _put(folder: Path, mine: Holder, over: Holder | None) -> bool:
    """Write the lock; False where somebody was faster. Raises OSError where nothing can be."""
    lock = folder / LOCK
    if lock.exists():
        # Only one of several that find an old one can move it away.
        old = folder / f"{LOCK}-{secrets.token_hex(4)}"
        try:
            lock.rename(old)
        except FileNotFoundError:
            return False
        found = _read(old)
        if found not in (None, over) and found.alive() and found.folder == mine.folder:
            old.rename(lock)  # somebody was faster
            return False
        old.unlink(missing_ok=True)
    new = _write(folder, mine)
    try:
        # Whole or absent, and never over another's: where links are not known, created anew.
        os.link(new, lock)
    except FileExistsError:
        return False
    except OSError:
        try:
            with lock.open("x", encoding="utf-8") as file:
                file.write(new.read_text(encoding="utf-8"))
        except FileExistsError:
            return False
    finally:
        new.unlink(missing_ok=True)
    return True


def _write(folder: Path, mine: Holder) -> Path:
    """A file beside the lock that says the same as it would. Raises OSError."""
    new = folder / f"{LOCK}-{secrets.token_hex(4)}"
    try:
        new.write_text(json.dumps(asdict(mine)), encoding="utf-8")
    except OSError:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    return new


def _read(lock: Path) -> Holder | None:
    try:
        content = json.loads(lock.read_text(encoding="utf-8"))
        # Of two clocks the one that is ahead: the other computer's own, and that of the disk.
        heard = max(float(content.get("heard", math.inf)), lock.stat().st_mtime)
        return Holder(
            str(content["folder"]), int(content["process"]), float(content["began"]),
            str(content["host"]), str(content["user"]), heard,
        )  # fmt: skip
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
