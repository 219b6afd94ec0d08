"""Arrays kept in a folder under names made from all that they depend on, until it is full."""

import contextlib
import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.generic]]

MOST_BYTES = 2 * 10**9
# Changes with the meaning of what is kept.
FORMAT = 1

# What reading a damaged, foreign or half-removed file is known to raise.
DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
)


@dataclass(frozen=True)
class Cache:
    """Files in `folder`, which need not exist; with None nothing is kept and nothing found.

    Several processes may use one folder: files appear whole or not at all. What cannot
    be read is as if it were not there, and what cannot be written is not kept.
    """

    folder: Path | None

    def load(self, key: str) -> Arrays | None:
        """What was stored under `key`, None if nothing."""
        if self.folder is None:
            return None
        path = self._path(key)
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
                found = {name: file[name] for name in file.files}
            os.utime(path)  # so that what is in use is not the oldest
        except DAMAGE:
            return None
        return found

    def store(self, key: str, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Keep `arrays` under `key`."""
        if self.folder is None:
            return
        path = self._path(key)
        unfinished = path.with_suffix(f".{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]
            unfinished.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                unfinished.unlink()

    def trim(self, most_bytes: int = MOST_BYTES) -> None:
        """Remove the files used longest ago until at most `most_bytes` are left."""
        if self.folder is None:
            return
        files = []
        for path in self.folder.glob("*/*"):
            with contextlib.suppress(OSError):
                facts = path.stat()
                files.append((facts.st_mtime, facts.st_size, path))
        total = sum(size for _, size, _ in files)
        for _, size, path in sorted(files):
            if total <= most_bytes:
                return
            with contextlib.suppress(OSError):
                path.unlink()
                total -= size

    def _path(self, key: str) -> Path:
        assert self.folder is not None
        # Folders of a few hundred files: some file systems are slow with more.
        return self.folder / key[:2] / f"{key[2:]}.npz"


def key_of(*parts: object) -> str:
    """A name that changes with any of `parts`: arrays, bytes, or values that `repr` tells whole."""
    digest = hashlib.blake2b(str(FORMAT).encode(), digest_size=20)
    for part in parts:
        if isinstance(part, np.ndarray):
            told = f"{part.dtype}{part.shape}".encode()
            data: bytes | memoryview = np.ascontiguousarray(part).data
        else:
            told, data = b"", part if isinstance(part, bytes) else repr(part).encode()
        length = data.nbytes if isinstance(data, memoryview) else len(data)
        digest.update(f"{told!r}{length}:".encode())
        digest.update(data)
    return digest.hexdigest()
