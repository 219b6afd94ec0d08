"""Large arrays handed from one process to another, through files that lie in memory.

A value is pickled without its arrays; these go to a file of the shelf, one write each, and whoever
takes the value reads them into memory of its own and removes the file. So nobody ever writes
what another reads, a process that dies leaves files that are easily found, and a lack of room
is an error of the write where shared pages would end the process.
"""

import errno
import os
import pickle
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from core.errors import UserError

IN_MEMORY = Path("/dev/shm")  # a file system in memory; only Linux has it
ENOUGH = 2_000_000_000  # bytes free there, else files go to the temporary folder
FEW = 100_000  # bytes of arrays that may as well go with the rest
ALIGNED = 64  # bytes; arrays begin at multiples


@dataclass(frozen=True)
class Packed:
    """A value on its way: a pickle, and the sizes in bytes of its arrays in `file`, if any."""

    pickled: bytes
    file: str = ""
    sizes: tuple[int, ...] = ()


class Shelf:
    """A folder through which values are handed over. `prefix` tells apart who puts them there."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self.folder, self._prefix = folder, prefix
        self._count = 0

    def pack(self, value: object) -> Packed:
        """`value`, ready to be sent. Raises `UserError` where there is no room for its arrays."""
        found: list[pickle.PickleBuffer] = []
        pickled = pickle.dumps(value, protocol=5, buffer_callback=found.append)
        arrays = [buffer.raw() for buffer in found]
        sizes = tuple(array.nbytes for array in arrays)
        if sum(sizes) <= FEW:
            return Packed(pickle.dumps(value, protocol=5))
        self._count += 1
        name = f"{self._prefix}{self._count}"
        self._write(self.folder / name, arrays, sizes)
        return Packed(pickled, name, sizes)

    def take(self, packed: Packed) -> object:
        """The value, whose arrays are this process's own; its file is gone afterwards."""
        if not packed.file:
            return pickle.loads(packed.pickled)
        path = self.folder / packed.file
        block = memoryview(np.empty(_starts(packed.sizes)[-1], np.uint8))  # type: ignore[arg-type]
        with path.open("rb", buffering=0) as file:
            # One call reads at most 2 GB.
            done = 0
            while done < len(block):
                count = file.readinto(block[done:])
                if not count:
                    raise EOFError(f"{path} is shorter than was told")
                done += count
        path.unlink(missing_ok=True)
        ends = zip(_starts(packed.sizes), packed.sizes, strict=False)
        return pickle.loads(
            packed.pickled, buffers=[block[start : start + size] for start, size in ends]
        )

    def discard(self, packed: Packed) -> None:
        """Forget a value that nobody will take."""
        if packed.file:
            (self.folder / packed.file).unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove whatever lies there under the prefix, of earlier processes too."""
        for path in self.folder.glob(f"{self._prefix}*"):
            path.unlink(missing_ok=True)

    def _write(self, path: Path, arrays: Sequence[memoryview], sizes: tuple[int, ...]) -> None:
        try:
            with path.open("xb", buffering=0) as file:
                for array, (start, after) in zip(arrays, pairwise(_starts(sizes)), strict=True):
                    done = 0
                    while done < len(array):
                        done += file.write(array[done:])
                    file.write(bytes(after - start - len(array)))
        except OSError as error:
            path.unlink(missing_ok=True)
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            free = shutil.disk_usage(self.folder).free
            raise UserError(
                f"There is no room to hand {sum(sizes) / 1e6:.0f} MB from one part of the program "
                f"to another: {free / 1e6:.0f} MB are free in {self.folder.parent}.",
                hint="Close other programs, or ask for fewer Gaussians.",
            ) from error


def new_shelf_folder() -> Path:
    """A folder of its own for a `Shelf`, in memory where that can be."""
    place: Path | None = None
    if os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free >= ENOUGH:
        place = IN_MEMORY
    return Path(tempfile.mkdtemp(prefix="maquette-", dir=place))


def _starts(sizes: Sequence[int]) -> list[int]:
    """Where each array begins in the file, and at the end where another would."""
    starts = [0]
    for size in sizes:
        starts.append(starts[-1] + -(-size // ALIGNED) * ALIGNED)
    return starts
