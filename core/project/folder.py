"""A project on disk: `NAME.maquette/`, a JSON manifest, arrays, masks, photos by copy or link."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.capture.photos import Capture, Photo
from core.capture.reconstruction import Reconstruction, SparsePoints
from core.errors import UserError
from core.gaussians.table import Gaussians
from core.project.files import swapped_folder, told
from core.project.layout_file import layout_from_json, layout_to_json
from core.project.manifest import (
    capture_from_json,
    capture_to_json,
    damaged,
    reconstruction_from_json,
    reconstruction_to_json,
)
from core.project.mask_files import masks_to_json, read_masks, write_masks
from core.scene.layout import Layout
from core.segment.masks import Masks

# A program that knows only an older version would lose what came with later ones when it saves.
VERSION = 3
WITH_MASKS, WITH_LAYOUT = 2, 3
SUFFIX = ".maquette"
MANIFEST = "manifest.json"
PHOTOS = "photos"
POINTS = ("positions", "colors", "errors", "track_photos", "track_points")
COLUMNS = ("means", "quats", "log_scales", "logit_opacity", "sh", "object_id")
LATER_COLUMNS = ("origin", "confidence")  # older projects lack them, older programs ignore them


@dataclass(frozen=True, eq=False)
class Project:
    """All that is known about a scene.

    `exposures` [P, 2, 3] float32: gain and bias by channel of the photos `trained`.
    `settings` and `metrics` hold what JSON can.
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


def save_project(folder: Path, project: Project, *, copy_below: Path | None = None) -> None:
    """Write `project` to `folder`, whose earlier content it replaces all at once.

    Photos stay where they are and are linked by their path, except those in the
    project's own folder or below `copy_below`, which are copied: frames of a
    video lie in a work folder that will go. Raises `UserError`.
    """
    folder = folder.absolute()
    own = [folder / PHOTOS] if copy_below is None else [folder / PHOTOS, copy_below.absolute()]
    with swapped_folder(folder) as new:
        paths = {
            photo.name: _copied(photo, new / PHOTOS)
            if any(photo.path.absolute().is_relative_to(place) for place in own)
            else photo.path.absolute().as_posix()
            for photo in project.capture.photos
        }
        manifest = {
            "version": VERSION,
            "capture": capture_to_json(project.capture, paths),
            "reconstruction": reconstruction_to_json(project.reconstruction),
            "trained": list(project.trained),
            "held_out": list(project.held_out),
            "settings": project.settings,
            "metrics": project.metrics,
            "masks": masks_to_json(project.masks),
            "layout": layout_to_json(project.layout),
        }
        text = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False)
        with told(new):
            (new / MANIFEST).write_text(text + "\n", encoding="utf-8")
            _write_arrays(new, project)
        write_masks(new, project.masks)


def open_project(folder: Path) -> Project:
    """The project in `folder`.

    Raises `UserError` where there is none, where it is damaged, and where a later
    version of the program wrote it. Linked photos need not be there.
    """
    folder = folder.absolute()
    content = _manifest(folder)
    points = _arrays(folder / "points.safetensors", POINTS)
    columns = _arrays(folder / "gaussians.safetensors", COLUMNS, LATER_COLUMNS)
    exposures = _arrays(folder / "exposures.safetensors", ("exposures",))["exposures"]
    try:
        capture = capture_from_json(content["capture"], folder)
        reconstruction = replace(
            reconstruction_from_json(content["reconstruction"]),
            points=SparsePoints(**{name: points[name].numpy() for name in POINTS}),
        )
        return Project(
            capture=capture,
            reconstruction=reconstruction,
            gaussians=Gaussians(**columns),
            exposures=exposures,
            trained=tuple(content["trained"]),  # type: ignore[arg-type]
            held_out=tuple(content["held_out"]),  # type: ignore[arg-type]
            settings=dict(content["settings"]),  # type: ignore[call-overload]
            metrics=dict(content["metrics"]),  # type: ignore[call-overload]
            masks=_masks(content, folder, capture),
            layout=_layout(content),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(folder / MANIFEST, f"{type(error).__name__}: {error}") from error


def is_project(folder: Path) -> bool:
    """Whether `folder` has the manifest of a project."""
    return (folder / MANIFEST).is_file()


def _copied(photo: Photo, folder: Path) -> str:
    """Copy `photo` to `folder`; where it then lies, below the project's folder."""
    name = photo.name if photo.name.endswith(photo.path.suffix) else photo.path.name
    with told(folder):
        folder.mkdir(exist_ok=True)
        shutil.copyfile(photo.path, folder / name)
    return f"{PHOTOS}/{name}"


def _write_arrays(folder: Path, project: Project) -> None:
    points = project.reconstruction.points
    gaussians = project.gaussians.map(lambda column: column.detach().cpu().contiguous())
    arrays = {
        "points": {name: torch.from_numpy(getattr(points, name).copy()) for name in POINTS},
        "gaussians": {name: getattr(gaussians, name) for name in COLUMNS + LATER_COLUMNS},
        "exposures": {"exposures": project.exposures.detach().cpu().contiguous()},
    }
    for name, tensors in arrays.items():
        save_file(tensors, folder / f"{name}.safetensors")


def _manifest(folder: Path) -> Mapping[str, object]:
    file = folder / MANIFEST
    if not folder.is_dir() or not file.is_file():
        raise UserError(
            f"{folder} is no project: it has no {MANIFEST}.",
            hint=f"Give a folder that ends in {SUFFIX}.",
        )
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"{file} cannot be read: {error.strerror}.", hint="Check its permissions."
        ) from error
    except (ValueError, RecursionError) as error:
        raise damaged(file, "it is not JSON") from error
    version = content.get("version") if isinstance(content, dict) else None
    if not isinstance(version, int) or version < 1:
        raise damaged(file, "it has no version")
    if version > VERSION:
        raise UserError(
            f"{folder} was written by a later Maquette (project version {version}; "
            f"this one knows {VERSION}).",
            hint="Install the newest Maquette.",
        )
    return content  # type: ignore[no-any-return]


def _masks(content: Mapping[str, object], folder: Path, capture: Capture) -> Masks:
    """Those of the project; none where an older version of the program wrote it."""
    if content["version"] < WITH_MASKS:  # type: ignore[operator]
        return Masks()
    return read_masks(content["masks"], folder, capture)


def _layout(content: Mapping[str, object]) -> Layout:
    """As with the masks."""
    if content["version"] < WITH_LAYOUT:  # type: ignore[operator]
        return Layout()
    return layout_from_json(content["layout"])


def _arrays(
    file: Path, names: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, Tensor]:
    try:
        tensors = load_file(file)
    except FileNotFoundError as error:
        raise damaged(file, "it is missing") from error
    except (SafetensorError, OSError) as error:
        raise damaged(file, str(error)) from error
    missing = [name for name in names if name not in tensors]
    if missing:
        raise damaged(file, f"{', '.join(missing)} missing")
    return {name: tensors[name] for name in (*names, *optional) if name in tensors}
