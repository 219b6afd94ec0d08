"""`maquette render`: pictures of a scene from the cameras of a COLMAP model."""

import argparse
from pathlib import Path

from tqdm import tqdm

from app.console import tell
from app.scene import open_scene
from app.threads import set_threads
from core.capture.colmap import read_colmap
from core.errors import UserError
from core.pipeline.evaluate import picture, write_png
from core.pipeline.prepare import views_of
from core.pipeline.split import picture_names
from core.project.files import told
from core.render.devices import choose_device


def run(args: argparse.Namespace) -> int:
    """One PNG a camera, named as its photo, at the camera's size and without distortion."""
    set_threads()
    device = choose_device(args.device)
    places = read_colmap(args.cameras).photos
    gaussians = open_scene(args.scene, grounded=False).to(device.name)
    names = picture_names([place.name for place in places])
    _make_folder(args.out, list(names.values()))
    pairs = list(zip(places, views_of(places), strict=True))
    for place, view in tqdm(pairs, desc="Rendering", disable=None):
        write_png(args.out / names[place.name], picture(gaussians, view))
    tell(f"{len(places)} pictures are in {args.out}.")
    return 0


def _make_folder(folder: Path, names: list[str]) -> None:
    """Make `folder`; nothing that lies there already is overwritten."""
    taken = [name for name in names if (folder / name).exists()]
    if taken:
        raise UserError(
            f"{folder / taken[0]} exists already.", hint="Choose another folder, or move it away."
        )
    with told(folder):
        folder.mkdir(exist_ok=True)
