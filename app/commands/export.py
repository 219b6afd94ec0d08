"""`maquette export`: a scene as another program reads it."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from app.cli.console import tell
from app.commands.pictures import finished, run_film, run_model
from app.threads import set_threads
from core.errors import UserError
from core.export.any_file import read_splats
from core.export.job import Material, Report, exported, uncut
from core.export.parts import object_ids
from core.export.pictures import Kind
from core.export.wish import Format, Wish, format_of
from core.mesh.photos import Photographed
from core.mesh.values import MeshSettings
from core.pipeline.outputs import PROJECT
from core.project.folder import Project, is_project, open_project
from core.scene import additions
from core.segment.labels import SceneObject
from core.single.room import room_of


def run(args: argparse.Namespace) -> int:
    """Write the file; what exists is not overwritten. Raises `UserError`."""
    if args.out.exists():
        raise UserError(f"{args.out} exists already.", hint="Choose another name.")
    set_threads()
    if args.colmap:
        return run_model(args)
    if args.out.suffix.lower() == Kind.FILM.value:
        return run_film(args)
    form = format_of(args.out)
    material, objects = opened(args.scene)
    wish = wish_of(args, form, material, objects)
    report = finished(exported(args.out, material, wish))
    for remark in report.remarks:
        tell(remark)
    tell(words(args.out, report))
    return 0


def opened(path: Path) -> tuple[Material, tuple[SceneObject, ...]]:
    """What can be exported of the project, the folder of reconstruct, or the splat file at `path`.

    Raises `UserError`.
    """
    if not path.exists():
        raise UserError(f"There is no file or folder {path}.", hint="Check the spelling.")
    if path.is_file():
        return Material(read_splats(path)), ()
    inside = path / PROJECT
    project = open_project(inside if is_project(inside) and not is_project(path) else path)
    return material_of(project), project.masks.objects


def material_of(project: Project) -> Material:
    """What can be exported of `project`."""
    exposures = dict(zip(project.trained, project.exposures, strict=False))
    photos = Photographed(
        {photo.name: photo for photo in project.capture.photos},
        tuple(p for p in project.reconstruction.photos if p.name not in project.held_out),
        exposures,
        room_of(project.reconstruction, project.masks.objects),
    )
    names = {each.id: each.name for each in project.masks.objects}
    names |= {e.objects[0]: e.name for e in project.additions if e.kind is additions.Kind.THING}
    known = photos if project.reconstruction.photos else None
    return uncut(Material(project.scene, project.layout, names, known))


def wish_of(
    args: argparse.Namespace, form: Format, material: Material, objects: Iterable[SceneObject]
) -> Wish:
    """What the command line asks for. Raises `UserError` for objects that are not there."""
    if form is not Format.GLB and (args.mesh or args.splats):
        raise UserError(
            f"--mesh and --splats are for GLB files, not for {args.out.name}.",
            hint="Leave them out, or export a .glb file.",
        )
    # A mesh is what most programs read of GLB, where there are photos to make it from.
    mesh = args.mesh or (form is Format.GLB and not args.splats and material.photos is not None)
    return Wish(
        objects=_ids(args.object, material, objects) if args.object else None,
        visible=args.visible,
        extras=not args.plain,
        y_down=args.y_down,
        splats=args.splats or not mesh,
        meshes=MeshSettings(triangles=args.triangles) if mesh else None,
    )


def _ids(
    words: Iterable[str], material: Material, objects: Iterable[SceneObject]
) -> frozenset[int]:
    """Ids of the objects named, or told by their numbers."""
    there = object_ids(material.gaussians)
    named = {each.name.lower(): each.id for each in objects}
    found = set()
    for word in words:
        id_ = named.get(word.lower(), int(word) if word.isdecimal() else None)
        if id_ is None or id_ not in there:
            known = sorted(name for name, number in named.items() if number in there)
            hint = f"There are: {', '.join(known)}." if known else "It has no objects with names."
            raise UserError(f'There is no object "{word}" in the scene.', hint=hint)
        found.add(id_)
    return frozenset(found)


def words(path: Path, report: Report) -> str:
    """What is in the file, in a sentence."""
    counts = []
    if report.checked.gaussians:
        counts.append(f"{report.checked.gaussians} Gaussians")
    if report.checked.triangles:
        counts.append(f"{report.checked.triangles} triangles")
    return f"{' and '.join(counts)} are in {path} ({report.size / 1e6:.1f} MB), read back whole."
