"""`maquette edit-text`: one object of a project made what words say, by a network of the user's."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from tqdm import tqdm

from app.cli.console import tell
from app.jobs.rework import changed_by_words
from app.jobs.values import WordsWish
from app.threads import set_threads
from core.errors import UserError
from core.export.ply import write_ply
from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.pipeline.evaluate import picture, write_png
from core.pipeline.outputs import PROJECT, SCENE
from core.prior.object_cameras import around
from core.prior.text_edit import check_object
from core.project.files import check_free, new_folder
from core.project.folder import Project, is_project, open_project, save_project
from core.scene.additions import Kind
from core.scene.compose import compose
from core.scene.cuts import relabelled, relabels
from core.scene.reworks import rework_of
from core.segment.labels import Role, SceneObject

SIDE = 512  # pixels of the pictures of before and after


def run(args: argparse.Namespace) -> int:
    """Write a folder with the changed project and scene, and the object before and after.

    What is there stays as it is. Raises `UserError`.
    """
    set_threads()
    check_free(args.out)
    project = opened(args.project)
    thing = named(project, args.object, _inserted(project))
    wish = WordsWish(
        thing.id, args.words, args.prior, args.shape or "", args.keep_shape,
        args.iterations, args.seed, args.device,
    )  # fmt: skip
    others = tuple(each for each in project.reworks if each.object_id != thing.id)
    scene = labelled(replace(project, reworks=others))
    box = check_object(scene, thing.id)
    view = around(box, SIDE, 1.0, torch.Generator().manual_seed(args.seed))
    changed = _changed(scene, wish)
    made = rework_of(SplatArrays.from_gaussians(changed), thing.id, args.words)
    made = replace(made, relabels=relabels(project.layout.cuts))
    written(args.out, replace(project, reworks=(*others, made)), view, scene, changed)
    tell(f'{thing.name} is now "{args.words}" in {args.out}; before.png and after.png show it.')
    return 0


def _changed(scene: Gaussians, wish: WordsWish) -> Gaussians:
    found = scene
    with tqdm(total=wish.iterations, desc="Editing", disable=None) as bar:
        for step in changed_by_words(scene, wish):
            if isinstance(step, Gaussians):
                found = step
            else:
                bar.update(step.done - bar.n)
    return found


def written(path: Path, project: Project, view: View, before: Gaussians, after: Gaussians) -> None:
    """Write a folder with `project`, its scene, and what `view` shows of it before and after.

    All in the capture frame. Raises `UserError`.
    """
    with new_folder(path) as out:
        write_png(out / "before.png", picture(before, view))
        write_png(out / "after.png", picture(after, view))
        write_ply(out / SCENE, compose(project.scene, project.layout))
        save_project(out / PROJECT, project)


def opened(path: Path) -> Project:
    """The project at `path`, or in the folder that reconstruct wrote there. Raises `UserError`."""
    inside = path / PROJECT
    return open_project(inside if is_project(inside) and not is_project(path) else path)


def labelled(project: Project) -> Gaussians:
    """Its scene, with the objects that its layout says it belongs to."""
    splats = SplatArrays.from_gaussians(project.scene)
    return relabelled(splats, project.layout.cuts).to_gaussians()


def named(project: Project, name: str, more: Sequence[SceneObject] = ()) -> SceneObject:
    """The object of that name, or number, in masks or in `more`. Raises `UserError`: no such."""
    objects = (*project.masks.objects, *more)
    for each in objects:
        if name.casefold() == each.name.casefold() or name == str(each.id):
            return each
    there = set(labelled(project).object_id.tolist())
    known = [each.name for each in objects if each.id in there and each.id > 0]
    raise UserError(
        f'There is no object "{name}" in the project.',
        hint=f"There are: {', '.join(known)}." if known else "Mark objects in its photos first.",
    )


def _inserted(project: Project) -> list[SceneObject]:
    """Things of other scenes, as objects."""
    things = [each for each in project.additions if each.kind is Kind.THING]
    return [SceneObject(each.objects[0], each.name, "", Role.OBJECT) for each in things]
