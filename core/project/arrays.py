"""The arrays of a project as safetensors files: whole, of the kinds and shapes they should be."""

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.capture.reconstruction import SparsePoints
from core.gaussians.table import Gaussians
from core.project.manifest import damaged

# Names of arrays, each with its kind and the sizes of its rows (None: any).
Kinds = Mapping[str, tuple[torch.dtype, tuple[int | None, ...]]]
POINTS: Kinds = {
    "positions": (torch.float64, (3,)),
    "colors": (torch.uint8, (3,)),
    "errors": (torch.float64, ()),
    "track_photos": (torch.int64, ()),
    "track_points": (torch.int64, ()),
}
COLUMNS: Kinds = {
    "means": (torch.float32, (3,)),
    "quats": (torch.float32, (4,)),
    "log_scales": (torch.float32, (3,)),
    "logit_opacity": (torch.float32, ()),
    "sh": (torch.float32, (None, 3)),
    "object_id": (torch.int64, ()),
}
# Older projects lack these, older programs ignore them.
LATER_COLUMNS: Kinds = {"origin": (torch.uint8, ()), "confidence": (torch.float32, ())}
EXPOSURES: Kinds = {"exposures": (torch.float32, (2, 3))}
BANDS = (1, 4, 9, 16)  # of spherical harmonics


def write_arrays(file: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write a new `file`. Raises OSError where that cannot be."""
    try:
        save_file(dict(tensors), file)
    except SafetensorError as error:
        # What the system said is only in the words: `Os { code: 28, kind: StorageFull, ...`.
        code = re.search(r"code: (\d+)|os error (\d+)", str(error))
        if code is None:
            raise
        number = int(code[1] or code[2])
        raise OSError(number, str(error), str(file)) from error


def read_arrays(file: Path, kinds: Kinds, later: Kinds | None = None) -> dict[str, Tensor]:
    """What `write_arrays` wrote: all of `kinds`, and those of `later` that are there.

    Raises `UserError` where they are not what was written.
    """
    try:
        tensors = load_file(file)
    except FileNotFoundError as error:
        raise damaged(file, "it is missing") from error
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(file, str(error)) from error
    missing = [name for name in kinds if name not in tensors]
    if missing:
        raise damaged(file, f"{', '.join(missing)} missing")
    found = {name: tensors[name] for name in (*kinds, *(later or {})) if name in tensors}
    for name, (kind, sizes) in (*kinds.items(), *(later or {}).items()):
        if name in found and not _fits(found[name], kind, sizes):
            raise damaged(file, f"{name} is {tuple(found[name].shape)} of {found[name].dtype}")
    return found


def gaussian_arrays(gaussians: Gaussians) -> dict[str, Tensor]:
    """The columns by name, on the processor."""
    plain = gaussians.map(lambda column: column.detach().cpu().contiguous())
    return {name: getattr(plain, name) for name in (*COLUMNS, *LATER_COLUMNS)}


def read_gaussians(file: Path) -> Gaussians:
    """The Gaussians in `file`. Raises `UserError`."""
    columns = read_arrays(file, COLUMNS, LATER_COLUMNS)
    if columns["sh"].shape[1] not in BANDS:
        raise damaged(file, f"sh has {columns['sh'].shape[1]} bands")
    try:
        return Gaussians(**columns)
    except ValueError as error:
        raise damaged(file, str(error)) from error


def read_points(file: Path, photos: int) -> SparsePoints:
    """The points in `file`, which so many photos saw. Raises `UserError`."""
    arrays = read_arrays(file, POINTS)
    count = len(arrays["positions"])
    rows = {len(arrays[name]) for name in ("colors", "errors")} | {count}
    tracks = arrays["track_photos"], arrays["track_points"]
    if len(rows) > 1 or len(tracks[0]) != len(tracks[1]):
        raise damaged(file, "its arrays are of unequal length")
    for track, most in zip(tracks, (photos, count), strict=True):
        if len(track) and not (int(track.min()) >= 0 and int(track.max()) < most):
            raise damaged(file, "it tells of photos or points that are not there")
    return SparsePoints(**{name: array.numpy() for name, array in arrays.items()})


def _fits(tensor: Tensor, kind: torch.dtype, sizes: tuple[int | None, ...]) -> bool:
    shape = tensor.shape[1:]
    same = len(shape) == len(sizes) and tensor.dim() > 0
    return (
        same
        and tensor.dtype is kind
        and all(want in (None, size) for want, size in zip(sizes, shape, strict=True))
    )
