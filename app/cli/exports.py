"""What `export` and `render` can be asked on the command line."""

import argparse
from pathlib import Path

from app.cli.values import DEVICES, count, picture_size, seconds

FORMATS = ".ply, .compressed.ply, .spz, .glb or .mp4"


def export_arguments(parser: argparse.ArgumentParser) -> None:
    """Of `maquette export`."""
    add = parser.add_argument
    add("scene", metavar="PROJECT|PLY", type=Path, help="SPZ and GLB files are read too")
    out = f"its suffix says the format: {FORMATS}; with --colmap a folder"
    add("-o", "--out", metavar="FILE", type=Path, required=True, help=out)
    words = "this object alone, by name or number; may be given again"
    add("--object", metavar="NAME", action="append", default=[], help=words)
    add("--visible", action="store_true", help="without what the layout hides")
    add("--plain", action="store_true", help="PLY without our own columns")
    add("--y-down", action="store_true", help="PLY for viewers that would show it upside down")
    add("--mesh", action="store_true", help="GLB with meshes (what a project gives unless told)")
    add("--splats", action="store_true", help="GLB with Gaussians (KHR_gaussian_splatting)")
    words = "the most of one object's mesh (default: 20000)"
    add("--triangles", metavar="N", type=count, default=20_000, help=words)
    words = "a COLMAP model with undistorted photos, in the frame of what is exported"
    add("--colmap", action="store_true", help=words)
    words = "MP4: along the project's camera path (the default where it has one), or all around"
    add("--cameras", choices=("path", "turntable"), help=words)
    _pictures(parser)
    words = "MP4: how long all around takes (default: 8)"
    add("--seconds", metavar="SECONDS", type=seconds, default=8.0, help=words)
    add("--rate", metavar="N", type=count, default=30, help="MP4: frames a second (default: 30)")


def render_arguments(parser: argparse.ArgumentParser) -> None:
    """Of `maquette render`."""
    add = parser.add_argument
    add("scene", metavar="PROJECT|PLY", type=Path)
    words = "a COLMAP model; path: the project's key frames; turntable: all around"
    add("--cameras", metavar="DIR|path|turntable", required=True, help=words)
    add("-o", "--out", metavar="DIR", type=Path, required=True, help="where the pictures go")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--alpha", action="store_true", help="PNG with alpha instead of black")
    words = "depth maps instead: png (16 bits, depth.json tells the steps) or npy (float32)"
    kinds.add_argument("--depth", choices=("png", "npy"), help=words)
    _pictures(parser)
    add("--device", choices=DEVICES, default="auto", help="where to render")


def _pictures(parser: argparse.ArgumentParser) -> None:
    words = "of pictures from path or turntable (default: 1280x720)"
    parser.add_argument("--size", metavar="WxH", type=picture_size, default=(1280, 720), help=words)
