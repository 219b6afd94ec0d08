"""`maquette render`: pictures or depth maps of a scene from given cameras."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from tqdm import tqdm

from app.cli.console import tell
from app.commands.pictures import finished, staged
from app.commands.scene import open_scene
from app.threads import set_threads
from core.capture.colmap import read_colmap
from core.errors import UserError
from core.export.pictures import Kind, pictured
from core.export.shots import Shots, Source, still_views
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.pipeline.evaluate import picture, write_png
from core.pipeline.prepare import views_of
from core.pipeline.split import picture_names
from core.project.files import told
from core.render.devices import choose_device

MADE_UP = (Source.PATH.value, Source.TURNTABLE.value)
DEPTHS = {"png": Kind.DEPTH_PNG, "npy": Kind.DEPTH_NPY}


def run(args: argparse.Namespace) -> int:
    """One picture a camera. Of a COLMAP model each is named as its photo, at its camera's size
    and without distortion."""
    set_threads()
    device = choose_device(args.device)
    made_up = args.cameras in MADE_UP
    gaussians, views, metric = _around(args) if made_up else _photographed(args)
    gaussians = gaussians.to(device.name)
    if args.alpha or args.depth:
        kind = DEPTHS[args.depth] if args.depth else Kind.STILLS
        count = finished(pictured(args.out, gaussians, views, kind, metric=metric)).pictures
    else:
        _make_folder(args.out, [f"{name}.png" for name in views])
        for name, view in tqdm(views.items(), desc="Rendering", disable=None):
            write_png(args.out / f"{name}.png", picture(gaussians, view))
        count = len(views)
    tell(f"{count} pictures are in {args.out}.")
    return 0


def _photographed(args: argparse.Namespace) -> tuple[Gaussians, Mapping[str, View], bool]:
    """The scene in the frame of its photos, and the cameras of a COLMAP model."""
    places = read_colmap(Path(args.cameras)).photos
    gaussians = open_scene(args.scene, grounded=False)
    names = picture_names([place.name for place in places])
    views = {
        names[place.name].removesuffix(".png"): view
        for place, view in zip(places, views_of(places), strict=True)
    }
    return gaussians, views, False


def _around(args: argparse.Namespace) -> tuple[Gaussians, Mapping[str, View], bool]:
    """The scene on its floor, and the project's key frames or cameras all around."""
    stage = staged(args.scene)
    scene, ground = stage.scene, stage.layout.ground
    shots = Shots(Source(args.cameras), *args.size)
    views = still_views(shots, scene, stage.path, stage.places, ground.scene_from_capture)
    return scene, views, ground.metric


def _make_folder(folder: Path, names: list[str]) -> None:
    """Make `folder`; nothing that lies there already is overwritten."""
    taken = [name for name in names if (folder / name).exists()]
    if taken:
        raise UserError(
            f"{folder / taken[0]} exists already.", hint="Choose another folder, or move it away."
        )
    with told(folder):
        folder.mkdir(exist_ok=True)
