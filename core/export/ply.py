"""Splat files in the layout of 3DGS (Kerbl et al., 2023), written and read.

Extra columns follow the standard ones, so that other programs read the file all the same:
`object_id` (int) where there are objects, and where anything is known of it `origin` (uchar,
a number of `Origin`) and `confidence` (float, 0 to 1).
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import UserError
from core.export.ply_header import Header, read_header
from core.export.ply_rows import CHUNK, columns, stacked
from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians, check_finite
from core.project.files import replaced, told

OPAQUE = np.float32(15)  # the logit of an opacity that a float hardly tells from 1
OBJECT_ID = "object_id"
PROVENANCE = ("origin", "confidence")
SPLAT = (
    *("x", "y", "z"),
    *(f"f_dc_{i}" for i in range(3)),
    "opacity",
    *(f"scale_{i}" for i in range(3)),
    *(f"rot_{i}" for i in range(4)),
)
REST_COUNTS = {3 * ((degree + 1) ** 2 - 1): degree for degree in range(4)}


def write_ply(path: Path, gaussians: Gaussians, *, extras: bool = True) -> None:
    """Write `gaussians` to `path`, binary little endian; `path` is whole or as it was.

    `extras`: whether our own columns follow the standard ones. Raises `UserError` for values
    that are not numbers, and where nothing can be written.
    """
    if len(gaussians):
        check_finite(gaussians)
    kind = _row_kind(gaussians, extras)
    with replaced(path) as file, told(path):
        file.write(_header(kind, len(gaussians)))
        for start in range(0, len(gaussians), CHUNK):
            file.write(_rows(_part(gaussians, start), kind).tobytes())


def read_ply(path: Path) -> Gaussians:
    """The Gaussians in the splat file at `path`; properties in any order, of any type.

    Reads ASCII and both binary kinds, colour of degree 0 to 3; columns that we
    do not know are passed over. Without our two columns all rows are taken for
    observed and certain; an origin that we do not know counts as `FILLED`.
    Raises `UserError` for anything else, and for files that are cut off or hold
    values that are not numbers.
    """
    header = read_header(path)
    degree = _checked_degree(header)
    vertices = header.vertices
    rest = 3 * ((degree + 1) ** 2 - 1)
    has_ids = OBJECT_ID in vertices.names
    # Either alone is some other program's, and means something else.
    has_provenance = set(PROVENANCE) <= set(vertices.names)
    shapes = {"means": (3,), "quats": (4,), "log_scales": (3,), "dc": (3,), "rest": (3, rest // 3)}
    tables = {name: np.empty((vertices.rows, *shape), np.float32) for name, shape in shapes.items()}
    opacity, ids = np.empty(vertices.rows, np.float32), np.zeros(vertices.rows, np.int64)
    origin = np.full(vertices.rows, Origin.OBSERVED, np.uint8)
    confidence = np.ones(vertices.rows, np.float32)
    at = 0
    for part in columns(header, vertices):
        rows = slice(at, at + len(part["x"]))
        tables["means"][rows] = stacked(part, ["x", "y", "z"])
        tables["quats"][rows] = stacked(part, [f"rot_{i}" for i in range(4)])
        tables["log_scales"][rows] = stacked(part, [f"scale_{i}" for i in range(3)])
        tables["dc"][rows] = stacked(part, [f"f_dc_{i}" for i in range(3)])
        if rest:
            names = [f"f_rest_{i}" for i in range(rest)]
            tables["rest"][rows] = stacked(part, names).reshape(-1, 3, rest // 3)
        opacity[rows] = _finite_logits(stacked(part, ["opacity"])[:, 0])
        if has_ids:
            ids[rows] = _whole(path, part[OBJECT_ID])
        if has_provenance:
            known = np.isin(part["origin"], list(Origin))
            origin[rows] = np.where(known, part["origin"], Origin.FILLED)
            confidence[rows] = np.nan_to_num(stacked(part, ["confidence"])[:, 0]).clip(0, 1)
        at = rows.stop
    sh = np.concatenate([tables["dc"][:, None], tables["rest"].transpose(0, 2, 1)], axis=1)
    return _checked(
        path,
        Gaussians(
            means=torch.from_numpy(tables["means"]),
            quats=torch.from_numpy(tables["quats"]),
            log_scales=torch.from_numpy(tables["log_scales"]),
            logit_opacity=torch.from_numpy(opacity),
            sh=torch.from_numpy(np.ascontiguousarray(sh)),
            object_id=torch.from_numpy(ids),
            origin=torch.from_numpy(origin),
            confidence=torch.from_numpy(confidence),
        ),
    )


def _row_kind(gaussians: Gaussians, extras: bool) -> np.dtype[np.void]:
    rest = 3 * (gaussians.sh.shape[1] - 1)
    names = ["x", "y", "z", "nx", "ny", "nz", *(f"f_dc_{i}" for i in range(3))]
    names += [f"f_rest_{i}" for i in range(rest)]
    names += ["opacity", *(f"scale_{i}" for i in range(3)), *(f"rot_{i}" for i in range(4))]
    fields = [(name, "<f4") for name in names]
    if not extras:
        return np.dtype(fields)
    if bool((gaussians.object_id != 0).any()):
        fields.append((OBJECT_ID, "<i4"))
    doubtful = (gaussians.origin != Origin.OBSERVED) | (gaussians.confidence != 1)
    if bool(doubtful.any()):
        fields += zip(PROVENANCE, ("u1", "<f4"), strict=True)
    return np.dtype(fields)


def _header(kind: np.dtype[np.void], rows: int) -> bytes:
    assert kind.names is not None
    types = {np.dtype("<f4"): "float", np.dtype("<i4"): "int", np.dtype("u1"): "uchar"}
    lines = ["ply", "format binary_little_endian 1.0", f"element vertex {rows}"]
    lines += [f"property {types[kind[name]]} {name}" for name in kind.names]
    return "\n".join([*lines, "end_header", ""]).encode("ascii")


def _part(gaussians: Gaussians, start: int) -> Gaussians:
    return gaussians.map(lambda column: column[start : start + CHUNK].detach().cpu())


def _rows(part: Gaussians, kind: np.dtype[np.void]) -> NDArray[np.void]:
    n = len(part)
    floats = torch.cat(
        [
            part.means,
            torch.zeros(n, 3),
            part.sh[:, 0],
            part.sh[:, 1:].transpose(1, 2).reshape(n, -1),  # all red, all green, all blue
            part.logit_opacity[:, None],
            part.log_scales,
            part.quats,
        ],
        dim=1,
    ).numpy()
    rows = np.zeros(n, kind)
    width = floats.shape[1]
    # One copy for all floats: they lie side by side at the beginning of each row.
    view = rows.view(np.uint8).reshape(n, kind.itemsize)
    view[:, : 4 * width] = np.ascontiguousarray(floats, "<f4").view(np.uint8).reshape(n, -1)
    assert kind.names is not None
    for name in {OBJECT_ID, *PROVENANCE} & set(kind.names):
        rows[name] = getattr(part, name).numpy()
    return rows


def _checked_degree(header: Header) -> int:
    """The degree of the colours; `UserError` where these are no Gaussians."""
    names = header.vertices.names
    missing = [name for name in SPLAT if name not in names]
    if missing:
        raise UserError(
            f"{header.path} holds no Gaussians: {_what_it_is(header, missing)}.",
            hint="Give a splat file (3DGS PLY: f_dc, opacity, scale and rot for each point).",
        )
    rest = sum(name.startswith("f_rest_") for name in names)
    if rest not in REST_COUNTS or any(f"f_rest_{i}" not in names for i in range(rest)):
        raise UserError(
            f"{header.path} has {rest} colour coefficients (f_rest) a Gaussian; "
            f"known are {', '.join(map(str, REST_COUNTS))}.",
            hint="Export it again as a 3DGS PLY of degree 0 to 3.",
        )
    return REST_COUNTS[rest]


def _what_it_is(header: Header, missing: list[str]) -> str:
    if "packed_position" in header.vertices.names:
        return "it is a compressed PLY"
    if len(missing) < len(SPLAT) - 3 or "x" not in header.vertices.names:
        return f"{', '.join(missing)} missing"
    return "it is a mesh" if header.has_faces else "it is a plain point cloud"


def _finite_logits(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """As they are, but for opacities of exactly 0 and 1: made from bytes, they read "infinite"."""
    return np.where(np.isinf(logits), np.copysign(OPAQUE, logits), logits)


def _whole(path: Path, column: NDArray[Any]) -> NDArray[np.int64]:
    values = np.asarray(column, np.float64)
    if not np.isfinite(values).all() or (values != np.round(values)).any() or (values < 0).any():
        raise UserError(
            f"{path} holds object ids that are not whole numbers.", hint="Export the file again."
        )
    return values.astype(np.int64)


def _checked(path: Path, gaussians: Gaussians) -> Gaussians:
    bad = int((~gaussians.finite()).sum()) if len(gaussians) else 0
    if bad:
        raise UserError(
            f"{bad} of {len(gaussians)} Gaussians in {path} hold values that are not numbers.",
            hint="Export the file again from the program that made it.",
        )
    flat = int((gaussians.quats == 0).all(dim=1).sum())
    if flat:
        raise UserError(
            f"{flat} of {len(gaussians)} Gaussians in {path} have a rotation of length 0.",
            hint="Export the file again from the program that made it.",
        )
    return gaussians
