"""An export from beginning to end: chosen, composed, written beside, read back, put in place."""

import os
import secrets
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.errors import UserError
from core.export.check import Checked, check_meshes, check_splats
from core.export.compressed_ply_writer import write_compressed_ply
from core.export.glb import Part, write_glb
from core.export.parts import all_shown, chosen_rows, numbered, object_ids, placed_parts
from core.export.ply import write_ply
from core.export.spz import write_spz
from core.export.wish import Format, Wish, estimated_bytes, format_of
from core.gaussians.moved import moved
from core.gaussians.table import Gaussians
from core.mesh.build import Meshed, meshed
from core.mesh.photos import Photographed, looks_of
from core.mesh.room import emptied
from core.progress import Progress
from core.project.files import UNFINISHED, check_room, told
from core.scene.compose import compose
from core.scene.cuts import cut
from core.scene.layout import Layout
from core.scene.upright import HALF_TURN
from core.segment.labels import BACKGROUND

STAGE, CHECKING = "Exporting", "Checking the file"


@dataclass(frozen=True, eq=False)
class Material:
    """What can be exported. `gaussians`: capture frame; `names` of objects by id.

    `photos`: what textures come from; None where there are none, and no meshes either.
    """

    gaussians: Gaussians
    layout: Layout = field(default_factory=Layout)
    names: Mapping[int, str] = field(default_factory=dict)
    photos: Photographed | None = None


@dataclass(frozen=True)
class Report:
    """What is in the file now. `size` in bytes; `remarks`: sentences for the user."""

    checked: Checked
    size: int
    remarks: tuple[str, ...] = ()


def uncut(material: Material) -> Material:
    """`material` with everything cut that its layout says."""
    layout = material.layout
    gaussians = cut(material.gaussians, layout.cuts)
    return replace(material, gaussians=gaussians, layout=replace(layout, cuts=()))


def exported(
    path: Path, material: Material, wish: Wish
) -> Generator[Progress, None, Report]:  # fmt: skip
    """Write what `wish` asks for of `material` to `path`, whose name says the format.

    `path` is as it was until what was written has been read back and found right, and stays so
    when this is closed between two steps. Raises `UserError`, `Unavailable` for parts that are
    not installed.
    """
    form = format_of(path)
    yield Progress(STAGE, 0, 3, path.name)
    material = uncut(material)
    layout = material.layout if wish.visible else all_shown(material.layout)
    if wish.objects is not None:  # what their shadows would fall on may not come along
        layout = replace(layout, shadows=False)
    rows = chosen_rows(material.gaussians.detached().to("cpu"), wish.objects)
    gaussians = compose(rows, layout)
    if wish.y_down and form in (Format.PLY, Format.COMPRESSED):
        gaussians = moved(gaussians, HALF_TURN)
    if not len(gaussians):
        raise UserError(
            "There is nothing to export: no Gaussian is left of what was chosen.",
            hint="Choose other objects, or show some.",
        )
    ids = object_ids(rows)
    with told(path):
        check_room(
            path.absolute().parent,
            estimated_bytes(form, wish, len(gaussians), gaussians.sh_degree, ids),
        )
    remarks: tuple[str, ...] = ()
    parts: list[Part] = []
    if form is Format.GLB:
        made, remarks = yield from _made(material, wish, rows, ids)
        meshes = {each.object_id: each.mesh for each in made}
        room = material.photos.room if material.photos is not None else None
        feet = room.standing if room is not None else frozenset()
        placed = placed_parts(
            rows, layout, material.names, meshes, splats=wish.splats, standing=feet
        )
        parts = numbered(placed)
        if not parts:
            raise UserError(
                "There is nothing to export: no surface could be made of what was chosen.",
                hint="Choose other objects, or export splats.",
            )
    yield Progress(STAGE, 1, 3, path.name)
    temporary = path.absolute().with_name(f"{UNFINISHED}{secrets.token_hex(4)}-{path.name}"[:200])
    try:
        _write(temporary, form, gaussians, parts, wish, metric=layout.ground.metric)
        yield Progress(CHECKING, 2, 3, path.name)
        checked = _checked(temporary, form, gaussians, parts, wish)
        size = temporary.stat().st_size
        yield Progress(CHECKING, 3, 3, path.name)
        with told(path):
            os.replace(temporary, path)  # after which nobody can end it
    finally:
        temporary.unlink(missing_ok=True)
    return Report(checked, size, remarks)


def _made(
    material: Material, wish: Wish, rows: Gaussians, ids: set[int]
) -> Generator[Progress, None, tuple[tuple[Meshed, ...], tuple[str, ...]]]:
    """The meshes asked for, and what is to be said of them."""
    if wish.meshes is None:
        return (), ()
    if material.photos is None:
        raise UserError(
            "Meshes are made with the photos and their cameras, which a splat file does not have.",
            hint="Give a project, or export splats.",
        )
    whole = material.gaussians.detached().to("cpu")
    all_ids = sorted(object_ids(whole))
    looks, remarks = yield from looks_of(whole, material.photos, all_ids)
    empty: tuple[Meshed, ...] = ()
    room = material.photos.room
    if room is not None and BACKGROUND in ids:
        empty = yield from emptied(whole, looks, room, wish.meshes)
        ids = ids - room.ids
    made = (*empty, *(yield from meshed(rows, looks, sorted(ids), wish.meshes)))
    told_of = []
    for id_ in sorted(ids):
        name = material.names.get(id_, f"Object {id_}" if id_ else "Background")
        found = next((each for each in made if each.object_id == id_), None)
        if found is None:
            told_of.append(f"{name}: too little of it is seen for a mesh.")
        elif found.closing.words:
            told_of.append(f"{name}: {found.closing.words}.")
    return made, (*remarks, *told_of)


def _write(
    path: Path, form: Format, gaussians: Gaussians, parts: list[Part], wish: Wish, *, metric: bool
) -> None:
    match form:
        case Format.PLY:
            write_ply(path, gaussians, extras=wish.extras)
        case Format.COMPRESSED:
            write_compressed_ply(path, gaussians)
        case Format.SPZ:
            write_spz(path, gaussians)
        case Format.GLB:
            write_glb(path, parts, metric=metric)


def _checked(
    path: Path, form: Format, gaussians: Gaussians, parts: list[Part], wish: Wish
) -> Checked:
    if form is not Format.GLB:
        return check_splats(path, form, gaussians)
    checked = check_splats(path, form, gaussians) if wish.splats else Checked()
    triangles = check_meshes(path, parts).triangles
    return Checked(checked.gaussians, triangles, checked.psnr)
