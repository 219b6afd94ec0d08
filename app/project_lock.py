"""Which window has a folder for itself: a file in it names the process, and outlives no crash."""

import getpass
import json
import os
import platform
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

LOCK = "open.json"
SECONDS = 2.0  # by which the beginning of one process may be told differently at two times


@dataclass(frozen=True)
class Holder:
    """A process that has `folder`: its number, when it began (seconds since 1970), and where."""

    folder: str
    process: int
    began: float
    host: str
    user: str

    @property
    def here(self) -> bool:
        """Whether it runs, or ran, on this computer."""
        return self.host == platform.node()

    def alive(self) -> bool:
        """Whether it may still run; of other computers that is not known."""
        if not self.here:
            return True
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

    def take(self, folder: Path) -> Holder | None:
        """Have `folder` instead of what was had before: None, or who has it."""
        folder = folder.absolute()
        if self.folder == folder:
            return None
        self.release()
        mine = _self(folder)
        for _ in range(3):
            other = holder_of(folder)
            if other is not None and other != mine:
                return other
            if other is None and not _put(folder, mine):
                continue
            self.folder = folder
            return None
        return holder_of(folder)

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
    return Holder(str(folder.absolute()), own.pid, own.create_time(), platform.node(), user)


def _put(folder: Path, mine: Holder) -> bool:
    """Write the lock; False where somebody was faster. Raises OSError where nothing can be."""
    lock, text = folder / LOCK, json.dumps(asdict(mine))
    if lock.exists():
        # Only one of several that find an old one can move it away.
        old = folder / f"{LOCK}-{secrets.token_hex(4)}"
        try:
            lock.rename(old)
        except FileNotFoundError:
            return False
        found = _read(old)
        if found is not None and found.alive() and found.folder == mine.folder:
            old.rename(lock)  # somebody was faster
            return False
        old.unlink(missing_ok=True)
    new = folder / f"{LOCK}-{secrets.token_hex(4)}"
    new.write_text(text, encoding="utf-8")
    try:
        # Whole or absent, and never over another's: where links are not known, created anew.
        os.link(new, lock)
    except FileExistsError:
        return False
    except OSError:
        try:
            with lock.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            return False
    finally:
        new.unlink(missing_ok=True)
    return True


def _read(lock: Path) -> Holder | None:
    try:
        content = json.loads(lock.read_text(encoding="utf-8"))
        return Holder(
            str(content["folder"]), int(content["process"]), float(content["began"]),
            str(content["host"]), str(content["user"]),
        )  # fmt: skip
    except (OSError, ValueError, TypeError, KeyError):
        return None
