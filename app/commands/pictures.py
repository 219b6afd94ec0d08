"""`maquette export` of films and COLMAP models, and what pictures are taken of."""

import argparse
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from app.cli.console import tell
from app.commands.progress_bar import reporter
from core.capture.photos import Photo
from core.capture.reconstruction import PlacedPhoto, Reconstruction
from core.errors import UserError
from core.export.any_file import read_splats
from core.export.model import modelled
from core.export.pictures import filmed
from core.export.shots import Shots, Source, film_views
from core.gaussians.table import Gaussians
from core.pipeline.outputs import PROJECT
from core.progress import Progress
from core.project.folder import is_project, open_project
from core.scene.camera_path import CameraPath
from core.scene.compose import compose
from core.scene.layout import Layout

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Stage:
    """What pictures are taken of, and from where. `gaussians`: capture frame."""

    gaussians: Gaussians
    layout: Layout = field(default_factory=Layout)
    path: CameraPath = field(default_factory=CameraPath)
    reconstruction: Reconstruction | None = None
    photos: Mapping[str, Photo] = field(default_factory=dict)

    @property
    def places(self) -> tuple[PlacedPhoto, ...]:
        return () if self.reconstruction is None else self.reconstruction.photos

    @property
    def scene(self) -> Gaussians:
        """The Gaussians as the layout has them, without what is hidden."""
        return compose(self.gaussians, self.layout)


def staged(path: Path) -> Stage:
    """The project, the folder of reconstruct, or the splat file at `path`. Raises `UserError`."""
    if not path.exists():
        raise UserError(f"There is no file or folder {path}.", hint="Check the spelling.")
    if path.is_file():
        return Stage(read_splats(path))
    inside = path / PROJECT
    project = open_project(inside if is_project(inside) and not is_project(path) else path)
    return Stage(
        project.scene,
        project.layout,
        project.path,
        project.reconstruction,
        {photo.name: photo for photo in project.capture.photos},
    )


def run_film(args: argparse.Namespace) -> int:
    """`maquette export -o FILM.mp4`. Raises `UserError`."""
    stage = staged(args.scene)
    source = Source(args.cameras or ("path" if stage.path.keys else "turntable"))
    width, height = args.size
    shots = Shots(source, width, height, args.seconds, args.rate)
    scene, pose = stage.scene, stage.layout.ground.scene_from_capture
    if not len(scene):
        raise UserError("There is nothing to be seen: all is hidden.", hint="Show something.")
    views = film_views(shots, scene, stage.path, stage.places, pose)
    done = finished(filmed(args.out, scene, views, args.rate))
    tell(f"{done.pictures} frames are in {args.out} ({done.size / 1e6:.1f} MB), played whole.")
    return 0


def run_model(args: argparse.Namespace) -> int:
    """`maquette export --colmap -o FOLDER`. Raises `UserError`."""
    stage = staged(args.scene)
    if not stage.places:
        raise UserError(
            f"{args.scene} knows no cameras.", hint="Give a project whose photos are placed."
        )
    assert stage.reconstruction is not None
    pose = stage.layout.ground.scene_from_capture
    done = finished(modelled(args.out, stage.reconstruction, stage.photos, pose))
    for remark in done.remarks:
        tell(remark)
    tell(f"{done.photos} photos and their cameras are in {args.out}, read back whole.")
    return 0


def finished(steps: Generator[Progress, None, T]) -> T:
    """What `steps` come to, with how far they are shown meanwhile."""
    shown = reporter(as_json=False)
    try:
        while True:
            try:
                shown.show(next(steps))
            except StopIteration as end:
                answer: T = end.value
                return answer
    finally:
        steps.close()
        shown.close()
