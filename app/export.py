"""`maquette export`: a scene as another program reads it."""

import argparse

from app.console import tell
from app.scene import open_scene
from core.errors import Unavailable, UserError
from core.export.ply import write_ply

LATER = (".glb", ".spz", ".mp4")


def run(args: argparse.Namespace) -> int:
    """Write the file; what exists is not overwritten. Raises `UserError`."""
    suffix = args.out.suffix.lower()
    if suffix in LATER:
        raise Unavailable(
            f"{suffix[1:].upper()} files cannot be written yet.", hint="Export a .ply file."
        )
    if suffix != ".ply":
        raise UserError(
            f'The suffix of {args.out.name} names no format: "{suffix}".',
            hint="Export a .ply file.",
        )
    if args.out.exists():
        raise UserError(f"{args.out} exists already.", hint="Choose another name.")
    gaussians = open_scene(args.scene)
    write_ply(args.out, gaussians)
    tell(f"{len(gaussians)} Gaussians are in {args.out}.")
    return 0
