"""`maquette edit-text`: one object of a project made what words say, by a network of the user's."""

import argparse
from dataclasses import replace
from pathlib import Path

import torch
from tqdm import tqdm

from app.console import tell
from app.job_values import WordsWish
from app.jobs_rework import changed_by_words
from app.threads import set_threads
from core.errors import UserError
from core.export.ply import write_ply
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.pipeline.evaluate import picture, write_png
from core.pipeline.outputs import PROJECT, SCENE
from core.prior.object_cameras import around
from core.prior.text_edit import check_object
from core.project.files import check_free, new_folder
from core.project.folder import Project, is_project, open_project, save_project
from core.scene.compose import compose
from core.segment.labels import SceneObject

SIDE = 512  # pixels of the pictures of before and after


def run(args: argparse.Namespace) -> int:
    """Write a folder with the changed project and scene, and the object before and after.

    What is there stays as it is. Raises `UserError`.
    """
    set_threads()
    check_free(args.out)
    project = opened(args.project)
    thing = named(project, args.object)
    wish = WordsWish(
        thing.id, args.words, args.prior, args.shape or "", args.keep_shape,
        args.iterations, args.seed, args.device,
    )  # fmt: skip
    scene = project.with_reworks
    box = check_object(scene, thing.id)
    view = around(box, SIDE, 1.0, torch.Generator().manual_seed(args.seed))
    changed = _changed(scene, wish)
    written(args.out, replace(project, gaussians=changed, reworks=()), view, scene, changed)
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


def named(project: Project, name: str) -> SceneObject:
    """The object of that name, or number. Raises `UserError` where there is none."""
    objects = project.masks.objects
    for each in objects:
        if name.casefold() == each.name.casefold() or name == str(each.id):
            return each
    there = set(project.gaussians.object_id.tolist())
    known = [each.name for each in objects if each.id in there and each.id > 0]
    raise UserError(
        f'There is no object "{name}" in the project.',
        hint=f"There are: {', '.join(known)}." if known else "Mark objects in its photos first.",
    )
