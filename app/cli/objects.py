"""What commands that change one object can be asked on the command line."""

import argparse
from pathlib import Path

from app.cli.values import DEVICES, count, seed


def edit_text_arguments(parser: argparse.ArgumentParser) -> None:
    """Of `maquette edit-text`."""
    add = parser.add_argument
    add("project", metavar="PROJECT", type=Path, help="a project, or the folder reconstruct wrote")
    add("--object", metavar="NAME", required=True, help="which object, by its name or number")
    add("--words", metavar="WORDS", required=True, help="what it is to look like")
    add("--shape", metavar="WORDS", help="other words for its shape (default: the same)")
    add("--keep-shape", action="store_true", help="change its look alone")
    add("--prior", metavar="DIR", required=True, help="Stable Diffusion 1 or 2, a folder or name")
    add("-o", "--out", metavar="OUT", type=Path, required=True, help="a folder that is to be made")
    add("--iterations", metavar="N", type=count, default=1500, help="steps (default: 1500)")
    add("--device", choices=DEVICES, default="auto", help="where to compute")
    add("--seed", metavar="N", type=seed, default=0, help="same seed, same change (on the CPU)")


def complete_arguments(parser: argparse.ArgumentParser) -> None:
    """Of `maquette complete`."""
    add = parser.add_argument
    add("project", metavar="PROJECT", type=Path, help="a project, or the folder reconstruct wrote")
    add("--object", metavar="NAME", required=True, help="which object, by its name or number")
    words = "what makes bodies of pictures: Shap-E, TRELLIS, Hunyuan3D or SAM 3D; else mirrored"
    add("--model", metavar="DIR", help=words)
    words = "completes its picture first: Qwen-Image-Edit, FLUX.2-klein or Kontext"
    add("--editor", metavar="DIR", help=words)
    add("--captions", metavar="DIR", help="tells the editor what it is: BLIP or Florence-2")
    words = "bodies made of so many of its pictures, of which photos choose (default: 1)"
    add("--tries", metavar="N", type=count, default=1, help=words)
    add("-o", "--out", metavar="OUT", type=Path, required=True, help="a folder that is to be made")
    add("--device", choices=DEVICES, default="auto", help="where to compute")
    add("--seed", metavar="N", type=seed, default=0, help="same seed, same body (on the CPU)")
