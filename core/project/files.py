"""Files that are either whole or absent, whatever happens while they are written."""

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from core.errors import UserError

# Written to while it grows; the dot hides it, the words tell its finder that it may go.
UNFINISHED = ".unfinished-maquette-"


@contextmanager
def replaced(path: Path) -> Iterator[BinaryIO]:
    """A binary file that takes the place of `path` when the block ends well.

    Until then `path` is as it was, and it stays so if the block raises. Raises
    `UserError` where nothing can be written.
    """
    path = path.absolute()
    temporary = _unused(path)
    try:
        with told(path), temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with told(path):
            os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, which becomes `path` when the block ends well, and is gone otherwise.

    `path` must not exist, or be an empty folder, which is then filled all at
    once. Made at the beginning, so that a place that cannot be written to shows
    before the work. Raises `UserError`.
    """
    path = path.absolute()
    check_free(path)
    empty = path.is_dir()
    # Inside an empty folder rather than beside it: it may be all that we may write to.
    temporary = _unused(path / "contents") if empty else _unused(path)
    with told(path):
        temporary.mkdir()
    done = False
    try:
        yield temporary
        with told(path):
            sync_tree(temporary)
            if not empty:
                _renamed(temporary, path)
            else:
                for child in sorted(temporary.iterdir()):
                    child.rename(path / child.name)
                temporary.rmdir()
        done = True
    finally:
        if not done:
            shutil.rmtree(temporary, ignore_errors=True)


def check_free(path: Path) -> None:
    """Raise `UserError` unless `path` is a name that is free, or an empty folder."""
    with told(path):
        if path.is_dir() and not path.is_symlink():
            if any(path.iterdir()):
                raise UserError(
                    f"The folder {path} exists already and is not empty.",
                    hint="Choose another name, or move it away.",
                )
        elif path.exists() or path.is_symlink():
            raise UserError(f"{path} exists already.", hint="Choose another name.")
        elif not path.parent.is_dir():
            raise UserError(
                f"The folder {path.parent} for {path.name} does not exist.", hint="Make it first."
            )


def check_room(path: Path, needed: int) -> None:
    """Raise `UserError` where fewer than `needed` bytes are free on the disk of `path`."""
    free = shutil.disk_usage(path).free
    if free < needed:
        raise UserError(
            f"Only {free / 1e6:.0f} MB are free on the disk of {path}; "
            f"up to {needed / 1e6:.0f} MB are needed.",
            hint="Free some space, or choose another disk.",
        )


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Raise what the system says about writing `path` as a `UserError`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UserError(
                f"The disk is full: {path} could not be written.",
                hint="Free some space and try again.",
            ) from error
        reason = error.strerror or str(error)
        raise UserError(
            f"{path} cannot be written: {reason}.", hint="Choose a place that you may write to."
        ) from error


def sync_tree(folder: Path) -> None:
    """Wait until all files in `folder` are on the disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            # Windows wants a file open for writing.
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def _renamed(temporary: Path, path: Path) -> None:
    """Rename; where `path` has come to exist meanwhile, the next free name beside it serves."""
    if not path.exists():
        temporary.rename(path)
        return
    kept = next(
        other
        for other in (path.with_name(f"{path.name}-{i}") for i in range(2, 1000))
        if not other.exists()
    )
    temporary.rename(kept)
    raise UserError(
        f"{path} came to exist while its contents were made.", hint=f"They are in {kept}."
    )


def _unused(path: Path) -> Path:
    return path.with_name(f"{UNFINISHED}{secrets.token_hex(4)}-{path.name}"[:200])


def removed(folder: Path) -> None:
    """Remove a folder of our own making, as far as that goes."""
    with contextlib.suppress(OSError):
        shutil.rmtree(folder)
