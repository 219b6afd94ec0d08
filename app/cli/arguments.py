"""The command line: what can be asked, and how."""

import argparse
import difflib
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NoReturn

from app.cli.bench import bench
from app.cli.exports import export_arguments, render_arguments
from app.cli.objects import complete_arguments, edit_text_arguments
from app.cli.values import DEVICES, PRESETS, Parser, command
from app.cli.values import any_number as _any_number
from app.cli.values import count as _count
from app.cli.values import described as _described
from app.cli.values import every as _every
from app.cli.values import focal as _focal
from app.cli.values import horizon as _horizon
from app.cli.values import names as _names
from app.cli.values import path as _path
from app.cli.values import poses as _poses
from app.cli.values import seconds as _seconds
from app.cli.values import seed as _seed
from app.cli.values import size as _size
from app.cli.values import small_size as _small_size
from app.cli.values import strength as _strength

COMMANDS = (
    "reconstruct",
    "export",
    "render",
    "evaluate",
    "bench",
    "models",
    "train-prior",
    "edit-text",
    "complete",
)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments; `command` is None for the window, with `project` a path or None.

    Leaves the program with status 2 on wrong usage, and 0 after --help or --version.
    """
    parser = _parser()
    if argv and not argv[0].startswith("-") and argv[0] not in COMMANDS:
        return _window(parser, argv)
    known, unknown = parser.parse_known_args(argv)
    if unknown:
        _unknown(parser, known, unknown[0])
    if known.command == "reconstruct":
        _check_sources(known)
    return known


def _check_sources(known: argparse.Namespace) -> None:
    """Photos or words, and somebody who draws these."""
    if known.text and known.photos:
        known.parser.error("--text takes no photos: what it says is drawn in their place")
    if known.text and not known.text_model:
        known.parser.error("--text needs --text-model, a network that draws what it says")
    if not known.text and not known.photos:
        known.parser.error("PHOTOS are missing: name a folder, photos or a video")


def _window(parser: Parser, argv: Sequence[str]) -> argparse.Namespace:
    """`maquette PROJECT`; a word that is no path is a command that was mistyped."""
    path = Path(argv[0])
    if not path.exists() and path.suffix.lower() != ".maquette":
        parser.error(f'there is no command "{argv[0]}"' + _near(argv[0], COMMANDS))
    if len(argv) > 1:
        parser.error(f'"{argv[1]}" is one word too many after the project')
    return argparse.Namespace(command=None, project=path, debug=False)


def _unknown(parser: Parser, known: argparse.Namespace, word: str) -> NoReturn:
    chosen: argparse.ArgumentParser = getattr(known, "parser", parser)
    flags = [flag for action in chosen._actions for flag in action.option_strings]
    kind = "option" if word.startswith("-") else "argument"
    chosen.error(f'there is no {kind} "{word}"' + _near(word.split("=")[0], flags))


def _near(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?".removesuffix("?") if close else ""


def _parser() -> Parser:
    parser = Parser(
        prog="maquette",
        description="Turns a handful of phone photos into an editable 3D scene. "
        "Without a command, or with a project or PLY file alone, the window opens.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"maquette {program_version()}")
    parser.set_defaults(command=None, project=None, debug=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    _reconstruct(command(commands, "reconstruct", "photos to a scene"))
    export_arguments(command(commands, "export", "a scene to another file format"))
    render_arguments(command(commands, "render", "pictures of a scene from given cameras"))
    evaluate = command(commands, "evaluate", "measure the test pictures of a reconstruction")
    evaluate.add_argument("out", metavar="OUT", type=Path, help="the folder reconstruct wrote")
    evaluate.add_argument("--json", action="store_true", help="one JSON object on stdout")
    bench(commands)
    command(commands, "models", "optional parts: what is installed, what could be")
    edit_text_arguments(
        command(commands, "edit-text", "an object of a project made what words say")
    )
    complete_arguments(command(commands, "complete", "an object of a project made whole"))
    _train_prior(command(commands, "train-prior", "a network for unseen sides, from captures"))
    return parser


def _reconstruct(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("photos", metavar="PHOTOS", nargs="*", type=Path, help="folders, photos or videos")
    add("-o", "--out", metavar="OUT", type=Path, required=True, help="a folder that is to be made")
    add("--preset", choices=PRESETS, default="standard", help="how long it may take")
    add("--iterations", metavar="N", type=_count, help="steps of training")
    add("--time-limit", metavar="SECONDS", type=_seconds, help="the most that training may take")
    add("--max-size", metavar="PX", type=_size, help="longer side of the pictures trained on")
    add("--max-gaussians", metavar="N", type=_count, help="the most Gaussians there may be")
    add("--device", choices=DEVICES, default="auto", help="where to train and render")
    add("--seed", metavar="N", type=_seed, default=0, help="same seed, same scene (on the CPU)")
    add(
        "--poses",
        metavar="auto|colmap:DIR|transforms:FILE",
        type=_poses,
        default=("auto", None),
        help="where the cameras come from",
    )
    test = parser.add_mutually_exclusive_group()
    test.add_argument(
        "--test-every", metavar="K", type=_every, help="keep every K-th photo out of training"
    )
    test.add_argument("--test", metavar="NAME,NAME", type=_names, default=(), help="keep these out")
    train = parser.add_mutually_exclusive_group()
    train.add_argument(
        "--train", metavar="NAME,NAME", type=_names, default=(), help="train on these alone"
    )
    train.add_argument(
        "--num-train", metavar="N", type=_count, help="train on N, evenly spaced over the rest"
    )
    words = "what helps where photos are few: auto is learned from them (default: as the preset)"
    add("--prior", metavar="auto|none|DIR", help=words)
    add("--prior-strength", metavar="X", type=_strength, help="how much it counts (default: 1)")
    add("--masks", metavar="DIR", type=Path, help="masks by photo or by object, or COCO")
    what = "what a mask shows; a network completes what no photo does (may be given again)"
    add("--words", metavar="NAME=WORDS", type=_described, action="append", default=[], help=what)
    network = "that network: Stable Diffusion 1 or 2, a folder or name"
    add("--words-prior", metavar="DIR", help=network)
    words = "of a single photo: its focal length, in pixels or as on 35 mm film"
    add("--focal", metavar="PX|MMmm", type=_focal, help=words)
    words = "the rows of pixels where a single photo's horizon meets its left and right edge"
    add("--horizon", metavar="Y[,Y]", type=_horizon, help=words)
    words = "of a single photo: a file (NPY, TIFF, EXR, 16-bit PNG), or a folder with a network"
    add("--depth", metavar="FILE|DIR", help=words)
    words = "paints what is hidden in a single photo: LaMa (a TorchScript file), Stable Diffusion"
    add("--fill", metavar="FILE|DIR[ + DIR]", help=words)
    words = "let a single photo's scene grow: look-around, turn-around or step-in, in N steps"
    add("--expand", metavar="PATH[:N]", type=_path, help=words)
    add("--text", metavar="WORDS", help="no photos: what words say is drawn, and made a room of")
    add("--text-model", metavar="DIR", help="the network that draws it, as diffusers writes it")
    add("--json", action="store_true", help="progress as JSON on stdout, one object a line")


def _train_prior(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    data = "projects, or folders of photos with known cameras"
    add("data", metavar="DATA", nargs="*", type=Path, help=data)
    add("-o", "--out", metavar="DIR", type=Path, required=True, help="the folder of the prior")
    add("--rooms", metavar="N", type=_count, default=0, help="so many made-up rooms as well")
    left = "the last N captures are not learned, but judged on (default: a fifth of them)"
    add("--held-out", metavar="N", type=_any_number, help=left)
    start = "begin with the settings, parts and weights in that folder"
    add("--start", metavar="DIR", type=Path, help=start)
    add(
        "--size",
        metavar="PX",
        type=_small_size,
        help="longer side of its pictures (default: 64)",
    )
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--steps", metavar="N", type=_count, help="steps of training")
    minutes = "how long to train (default: 20)"
    budget.add_argument("--minutes", metavar="M", type=_seconds, help=minutes)
    add("--resume", action="store_true", help="go on with what is in DIR")
    add("--device", choices=DEVICES, default="auto", help="where to train")
    add("--seed", metavar="N", type=_seed, default=0, help="same seed and steps, same network")


def program_version() -> str:
    """Of the installed program, which may also run from its sources without being installed."""
    try:
        return version("maquette")
    except PackageNotFoundError:
        return "(not installed)"
