"""The jobs that export a scene of the window, as files or as pictures."""

from collections.abc import Iterator
from pathlib import Path

import torch

from app.jobs.values import Exported, ProjectFacts
from core.errors import UserError
from core.export.job import Material, exported
from core.export.model import modelled
from core.export.pictures import Kind, Taking, filmed, pictured
from core.export.shots import film_views, still_views
from core.export.wish import Wish
from core.gaussians.arrays import SplatArrays
from core.mesh.photos import Photographed
from core.progress import Progress
from core.scene import additions
from core.scene.compose import compose
from core.single.room import room_of


def export(
    path: Path, facts: ProjectFacts, wish: Wish, splats: SplatArrays
) -> Iterator[Progress | Exported]:
    """Write what `wish` asks for; `path` is checked, or as it was. Raises `UserError`."""
    report = yield from exported(path, material_of(facts, splats), wish)
    checked = report.checked
    yield Exported(path, checked.gaussians, checked.triangles, report.size, report.remarks)


def material_of(facts: ProjectFacts, splats: SplatArrays) -> Material:
    """What can be exported."""
    plan, split = facts.plan, facts.split
    places = facts.reconstruction.photos if facts.reconstruction is not None else ()
    held_out = split.test if split is not None else ()
    exposures = {}
    if split is not None and facts.exposures is not None:
        exposures = dict(zip(split.train, torch.from_numpy(facts.exposures), strict=False))
    photos = Photographed(
        {} if plan.capture is None else {photo.name: photo for photo in plan.capture.photos},
        tuple(place for place in places if place.name not in held_out),
        exposures,
        room_of(facts.reconstruction, plan.masks.objects),
    )
    names = {each.id: each.name for each in plan.masks.objects}
    names |= {
        each.objects[0]: each.name for each in plan.additions if each.kind is additions.Kind.THING
    }
    return Material(splats.to_gaussians(), plan.layout, names, photos if places else None)


def take(
    path: Path, facts: ProjectFacts, wish: Taking, splats: SplatArrays
) -> Iterator[Progress | Exported]:
    """Write the film, or the folder of pictures, that `wish` asks for. Raises `UserError`."""
    plan, ground = facts.plan, facts.plan.layout.ground
    pose, shots = ground.scene_from_capture, wish.shots
    places = facts.reconstruction.photos if facts.reconstruction is not None else ()
    if wish.kind is None:
        assert facts.reconstruction is not None
        assert plan.capture is not None
        files = {photo.name: photo for photo in plan.capture.photos}
        model = yield from modelled(path, facts.reconstruction, files, pose)
        yield Exported(path, 0, 0, model.size, model.remarks, model.photos)
        return
    scene = compose(splats.to_gaussians(), plan.layout)
    if not len(scene):
        raise UserError("There is nothing to be seen: all is hidden.", hint="Show something.")
    if wish.kind is Kind.FILM:
        views = film_views(shots, scene, plan.path, places, pose)
        done = yield from filmed(path, scene, views, shots.rate)
    else:
        named = still_views(shots, scene, plan.path, places, pose)
        done = yield from pictured(path, scene, named, wish.kind, metric=ground.metric)
    yield Exported(path, 0, 0, done.size, pictures=done.pictures)
