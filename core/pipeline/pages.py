"""Many pictures in one file, of which the system holds in memory what there is room for."""

import math
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.project.files import told


class Pages:
    """Pictures [H, W, 3] uint8 written one after the other to a file that goes with the last."""

    def __init__(self, folder: Path) -> None:
        """Raises `UserError` where `folder` cannot be written to."""
        self._folder = folder
        with told(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - outlives this call
        self._shapes: list[tuple[int, ...]] = []

    def write(self, pixels: Tensor) -> None:
        """Add a picture. Raises `UserError` where the disk is full."""
        with told(self._folder):
            # Written rather than mapped: a full disk would end a process that writes to a map.
            self._file.write(pixels.numpy().tobytes())
            self._file.flush()
        self._shapes.append(tuple(pixels.shape))

    def tensors(self) -> list[Tensor]:
        """All pictures, in the order they came in; nothing can be added afterwards."""
        with self._file:
            # Copied where it is written to, which nobody does: torch has no read-only tensors.
            mapped = torch.from_numpy(np.memmap(self._file, np.uint8, "c"))
        sizes = [math.prod(shape) for shape in self._shapes]
        parts = torch.split(mapped, sizes)
        return [part.view(shape) for part, shape in zip(parts, self._shapes, strict=True)]
