"""`maquette complete`: an object of a project made whole, by its picture or its mirror image."""

import argparse
from collections.abc import Iterator
from dataclasses import replace

import torch

from app.cli.console import tell
from app.commands.edit_text import labelled, named, opened, written
from app.commands.progress_bar import reporter
from app.jobs.making import SMALL
from app.jobs.pictured import PicturedWish, pictured
from app.threads import set_threads
from core.errors import UserError
from core.gaussians.arrays import SplatArrays
from core.prior.object_cameras import around
from core.prior.text_edit import check_object
from core.progress import Progress
from core.project.files import check_free
from core.project.folder import Project
from core.scene.addition_edits import Add
from core.scene.additions import Addition, free_id
from core.scene.cuts import relabelled
from core.scene.layout_edits import Delete
from core.scene.plan import Plan
from core.segment.labels import Role, SceneObject

SIDE = 512  # pixels of the pictures of before and after
MIRRORED = (
    "No network was named with --model, so the back of the object is its mirror image, where "
    "photos allow it."
)


def run(args: argparse.Namespace) -> int:
    """Write a folder with the completed project and scene, and the object before and after.

    What is there stays as it is. Raises `UserError`.
    """
    set_threads()
    check_free(args.out)
    project = opened(args.project)
    thing = named(project, args.object)
    if project.reconstruction is None or not project.reconstruction.photos:
        raise UserError(
            "This project has no photos with known places.", hint="Reconstruct it first."
        )
    if not args.model:
        tell(MIRRORED)
    shown = reporter(as_json=False)
    changed: Project | None = None
    try:
        for step in completed(project, thing, args):
            if isinstance(step, Progress):
                shown.show(step)
            else:
                changed = step
    finally:
        shown.close()
    assert changed is not None
    before, whole = labelled(project), labelled(changed)
    box = check_object(before, thing.id)
    view = around(box, SIDE, 1.0, torch.Generator().manual_seed(args.seed))
    gone = torch.tensor(sorted(changed.layout.removed), dtype=torch.int64)
    written(args.out, changed, view, before, whole.rows(~torch.isin(whole.object_id, gone)))
    tell(f"{thing.name} is whole in {args.out}; before.png and after.png show it.")
    return 0


def completed(
    project: Project, thing: SceneObject, args: argparse.Namespace
) -> Iterator[Progress | Project]:
    """`project` with what is added comes last. Raises `UserError`."""
    assert project.reconstruction is not None
    scene = relabelled(SplatArrays.from_gaussians(project.with_reworks), project.layout.cuts)
    ground = project.layout.ground.scene_from_capture
    steps: Iterator[object]
    if args.model:
        steps = pictured(scene, _wish(project, thing, args))
    else:
        from core.scene.backs import back_completed
        from core.segment.warp import flattening

        views = [flattening(each, SMALL)[1] for each in project.reconstruction.photos]
        steps = back_completed(scene.to_gaussians(), thing.id, views, ground)
    for step in steps:
        if isinstance(step, Progress):
            yield step
        else:
            yield _with(project, thing, step)


def _wish(project: Project, thing: SceneObject, args: argparse.Namespace) -> PicturedWish:
    assert project.reconstruction is not None
    return PicturedWish(
        object_id=thing.id,
        name=thing.name,
        placed=project.reconstruction.photos,
        photos={each.name: each for each in project.capture.photos},
        masks=dict(project.masks.photos),
        floor=tuple(e.id for e in project.masks.objects if e.role is Role.FLOOR),
        ground=project.layout.ground.scene_from_capture,
        new_id=free_id(project.additions),
        maker=args.model,
        editor=args.editor or "",
        captions=args.captions or "",
        tries=args.tries,
        seed=args.seed,
        device=args.device,
    )


def _with(project: Project, thing: SceneObject, found: object) -> Project:
    """`project` with an `Addition`, or with a `Whole`, which may take the object's place."""
    addition = found if isinstance(found, Addition) else getattr(found, "addition", None)
    assert isinstance(addition, Addition)
    plan = Add(addition).apply(Plan(layout=project.layout, additions=project.additions))
    if getattr(found, "replaces", False):
        placed = tuple(each.id for each in plan.layout.of_objects((thing.id,)))
        plan = Delete(placed).apply(plan)
    return replace(project, layout=plan.layout, additions=plan.additions)
