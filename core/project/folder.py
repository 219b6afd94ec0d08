"""A project on disk: `NAME.maquette/`, a JSON manifest, arrays, masks, photos by copy or link.

Arrays and masks lie in a folder that is written whole under a new name; then a new manifest, which
names it, takes the place of the old one in a single step. Whatever ends the program meanwhile, the
manifest that is there names files that are whole.
"""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction
from core.errors import UserError
from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from core.project.addition_files import additions_to_json, read_additions, write_additions
from core.project.arrays import (
    EXPOSURES,
    POINTS,
    gaussian_arrays,
    read_arrays,
    read_gaussians,
    read_points,
    write_arrays,
)
from core.project.files import UNFINISHED, new_folder, removed, replaced, told
from core.project.layout_file import (
    layout_from_json,
    layout_to_json,
    relabels_from_json,
    relabels_to_json,
)
from core.project.manifest import (
    capture_from_json,
    capture_to_json,
    damaged,
    reconstruction_from_json,
    reconstruction_to_json,
)
from core.project.mask_files import FOLDER as MASKS
from core.project.mask_files import masks_to_json, read_masks, write_masks
from core.project.photo_files import PHOTOS, SUFFIX, linked, placed
from core.project.versions import VERSION, newest
from core.scene.additions import Addition, shown_additions
from core.scene.camera_path import CameraPath, path_from_json, path_to_json
from core.scene.layout import Layout
from core.scene.reworks import Rework, as_shown, reworked
from core.segment.masks import Masks
from core.single.stance import Stance, stances_from_json, stances_to_json

MANIFEST = "manifest.json"
TRAINING = "training.safetensors"
DATA = "data-"  # and eight digits: the folder of arrays and masks
BESIDE = "."  # the same, where older versions wrote it
MOST_MANIFEST = 200_000_000  # bytes; one of a thousand photos is a thousandth of it


@dataclass(frozen=True, eq=False)
class Project:
    """All that is known about a scene.

    `gaussians` are without `reworks`. `exposures` [P, 2, 3] float32: gain and bias by channel of
    the photos `trained`. `settings` and `metrics` hold what JSON can. `training`: the file that
    says where training stands, see `core.train.standing`.
    """

    capture: Capture
    reconstruction: Reconstruction
    gaussians: Gaussians
    exposures: Tensor
    trained: tuple[str, ...]
    held_out: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    metrics: Mapping[str, object] = field(default_factory=dict)
    masks: Masks = field(default_factory=Masks)
    layout: Layout = field(default_factory=Layout)
    path: CameraPath = field(default_factory=CameraPath)
    additions: tuple[Addition, ...] = ()
    reworks: tuple[Rework, ...] = ()
    training: Path | None = None
    stances: Mapping[str, Stance] = field(default_factory=dict)

    @property
    def with_reworks(self) -> Gaussians:
        """`gaussians` with objects as `reworks` have them."""
        arrays = SplatArrays.from_gaussians(self.gaussians)
        found = reworked(arrays, self.reworks)
        assert isinstance(found, SplatArrays)
        return self.gaussians if found is arrays else found.to_gaussians()

    @property
    def scene(self) -> Gaussians:
        """`gaussians` with all that is shown: additions, and objects as `reworks` have them."""
        additions = shown_additions(self.additions, self.layout)
        arrays = SplatArrays.from_gaussians(self.gaussians)
        found = as_shown(arrays, additions, self.reworks, self.layout.cuts)
        assert isinstance(found, SplatArrays)
        return self.gaussians if found is arrays else found.to_gaussians()


def save_project(folder: Path, project: Project, *, copy_below: Path | None = None) -> None:
    """Write `project` to `folder`, whose earlier project it replaces all at once.

    Photos stay where they are and are linked by their path, except those below `copy_below` and
    those in another project's folder, which are copied: frames of a video lie in a work folder
    that will go. Raises `UserError`, and where `folder` holds something else than a project.
    """
    folder = folder.absolute()
    if is_project(folder):
        _write_into(folder, folder, project, copy_below)
        _tidy(folder)
        return
    with new_folder(folder) as new:
        _write_into(new, folder, project, copy_below)


def open_project(folder: Path) -> Project:
    """The project in `folder`.

    Raises `UserError` where there is none, where it is damaged, and where a later
    version of the program wrote it. Linked photos need not be there.
    """
    folder = folder.absolute()
    content = _manifest(folder)
    try:
        return _read(folder, content)
    except UserError:
        again = _manifest(folder)
        if again == content:
            raise
        return _read(folder, again)  # another window saved it meanwhile


def is_project(folder: Path) -> bool:
    """Whether `folder` has the manifest of a project."""
    return (folder / MANIFEST).is_file()


def training_in(folder: Path) -> Path | None:
    """The file in the project that says where training stands. Raises `UserError`."""
    content = _manifest(folder)
    return folder / str(content["data"]) / TRAINING if content["training"] is True else None


def _write_into(folder: Path, final: Path, project: Project, copy_below: Path | None) -> None:
    """Write all files below `folder`, which will be `final`; the manifest last."""
    paths = {
        photo.name: placed(photo, folder / PHOTOS, final / PHOTOS, copy_below)
        for photo in project.capture.photos
    }
    data = f"{DATA}{secrets.token_hex(4)}"
    training = project.training is not None and project.training.is_file()
    manifest = {
        "version": VERSION,
        "data": data,
        "capture": capture_to_json(project.capture, paths),
        "reconstruction": reconstruction_to_json(project.reconstruction),
        "trained": list(project.trained),
        "held_out": list(project.held_out),
        "settings": project.settings,
        "metrics": project.metrics,
        "masks": masks_to_json(project.masks),
        "layout": layout_to_json(project.layout),
        "path": path_to_json(project.path),
        "stances": stances_to_json(project.stances),
        "additions": additions_to_json(project.additions),
        "reworks": [
            {"object": e.object_id, "words": e.words, "relabels": relabels_to_json(e.relabels)}
            for e in project.reworks
        ],
        "training": training,
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False)
    with new_folder(folder / data) as new:
        with told(final):
            _write_arrays(new, project)
            write_additions(new, project.additions)
            if training:
                assert project.training is not None
                linked(project.training, new / TRAINING)
        write_masks(new, project.masks)
    try:
        with replaced(folder / MANIFEST) as file:
            file.write(text.encode("utf-8") + b"\n")
    except BaseException:  # a stop as well: no manifest names that folder
        removed(folder / data)
        raise


def _write_arrays(folder: Path, project: Project) -> None:
    points = project.reconstruction.points
    arrays = {
        "points": {name: torch.from_numpy(getattr(points, name).copy()) for name in POINTS},
        "gaussians": gaussian_arrays(project.gaussians),
        "exposures": {"exposures": project.exposures.detach().cpu().contiguous()},
    }
    for rework in project.reworks:
        arrays[_rework(rework.object_id)] = gaussian_arrays(rework.splats.to_gaussians())
    for name, tensors in arrays.items():
        write_arrays(folder / f"{name}.safetensors", tensors)


def _read(folder: Path, content: Mapping[str, Any]) -> Project:
    try:
        data = folder / _data(content["data"])
        capture = capture_from_json(content["capture"], folder)
        reconstruction = reconstruction_from_json(content["reconstruction"])
        points = read_points(data / "points.safetensors", len(reconstruction.photos))
        return Project(
            capture=capture,
            reconstruction=replace(reconstruction, points=points),
            gaussians=read_gaussians(data / "gaussians.safetensors"),
            exposures=read_arrays(data / "exposures.safetensors", EXPOSURES)["exposures"],
            trained=_names(content["trained"]),
            held_out=_names(content["held_out"]),
            settings=dict(content["settings"]),
            metrics=dict(content["metrics"]),
            masks=read_masks(content["masks"], data, capture),
            layout=layout_from_json(content["layout"]),
            path=path_from_json(content["path"]),
            additions=read_additions(content["additions"], data),
            reworks=_reworks(content["reworks"], data),
            training=data / TRAINING if content["training"] is True else None,
            stances=stances_from_json(content["stances"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        raise damaged(folder / MANIFEST, f"{type(error).__name__}: {error}") from error


def _manifest(folder: Path) -> Mapping[str, Any]:
    file = folder / MANIFEST
    if not folder.is_dir() or not file.is_file():
        raise UserError(
            f"{folder} is no project: it has no {MANIFEST}.",
            hint=f"Give a folder that ends in {SUFFIX}.",
        )
    try:
        if file.stat().st_size > MOST_MANIFEST:
            raise damaged(file, "it is far too long")
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"{file} cannot be read: {error.strerror}.", hint="Check its permissions."
        ) from error
    except (ValueError, RecursionError) as error:
        raise damaged(file, "it is not JSON") from error
    return newest(content, file)


def _names(listed: Any) -> tuple[str, ...]:
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise TypeError("names of photos are words")
    return tuple(listed)


def _data(name: Any) -> str:
    """A name of a folder below, and of no other."""
    if name != BESIDE and not re.fullmatch(DATA + "[0-9a-f]{8}", name):
        raise ValueError(f"{name!r} is no folder of arrays")
    return str(name)


def _reworks(rows: Sequence[Any], data: Path) -> tuple[Rework, ...]:
    found = []
    for row in rows:
        id_ = int(row["object"])
        gaussians = read_gaussians(data / f"{_rework(id_)}.safetensors")
        relabels = relabels_from_json(row["relabels"])
        splats = SplatArrays.from_gaussians(gaussians)
        found.append(Rework(id_, str(row["words"]), splats, relabels))
    return tuple(found)


def _rework(object_id: int) -> str:
    return f"rework-{object_id}"


def _tidy(folder: Path) -> None:
    """Remove what earlier saves left, finished or not."""
    kept = _manifest(folder)["data"]
    for path in folder.iterdir():
        ours = path.name.startswith((DATA, UNFINISHED)) or path.name == MASKS
        if path.is_dir() and ours and path.name != kept:
            # Half removed it must not have a name that stands for something whole.
            unfinished = path.with_name(f"{UNFINISHED}{secrets.token_hex(4)}")
            with suppress(OSError):
                removed(path.rename(unfinished))
        elif path.is_file() and path.name.startswith(UNFINISHED):
            path.unlink(missing_ok=True)
    for path in folder.glob("*.safetensors"):  # of version 5 and before
        path.unlink(missing_ok=True)
