"""What words of the command line are read as, and what is said of those that cannot be."""

import argparse
import math
import sys
from pathlib import Path
from typing import NoReturn

from app.cli.console import tell

WRONG_USAGE = 2
PRESETS = ("quick", "standard", "best")
DEVICES = ("auto", "cpu", "cuda")


def any_number(text: str) -> int:
    return whole(text, least=0)


def small_size(text: str) -> int:
    return whole(text, least=16, most=2048)


def count(text: str) -> int:
    return whole(text, least=1)


def size(text: str) -> int:
    return whole(text, least=64, most=8192)


def picture_size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    return size(width), size(height)


def described(text: str) -> tuple[str, str]:
    name, sign, words = text.partition("=")
    if not (name.strip() and sign and words.strip()):
        raise argparse.ArgumentTypeError(f'"{text}" is not like chair=a red chair')
    return name.strip(), words.strip()


def every(text: str) -> int:
    return whole(text, least=2)


def seed(text: str) -> int:
    return whole(text, least=0, most=2**31 - 1)


def whole(text: str, least: int, most: int = 10**9) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number') from None
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"{value} is not between {least} and {most}")
    return value


def photo_counts(text: str) -> tuple[int, ...]:
    return tuple(0 if name == "all" else whole(name, least=2) for name in names(text))


def seeds(text: str) -> tuple[int, ...]:
    return tuple(seed(name) for name in names(text))


def seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of seconds') from None
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{text} is not a time above 0")
    return value


def strength(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number') from None
    if not 0 <= value <= 10:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 10")
    return value


def names(text: str) -> tuple[str, ...]:
    found = tuple(name.strip() for name in text.split(",") if name.strip())
    if not found:
        raise argparse.ArgumentTypeError("no name is given")
    return found


def path(text: str) -> str:
    from core.single.paths import Path as Way
    from core.single.paths import path_told

    try:
        path_told(text)
    except ValueError:
        names = ", ".join(each.value.replace(" ", "-") for each in Way)
        raise argparse.ArgumentTypeError(
            f'"{text}" is none of {names}, with or without :N'
        ) from None
    return text


def focal(text: str) -> tuple[float, bool]:
    """A length, and whether it is in millimetres on 35 mm film rather than in pixels."""
    number = text.strip().lower().removesuffix("mm")
    value = _finite(number, f'"{text}" is not like 2900 (pixels) or 26mm (as on 35 mm film)')
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not a length above 0")
    return value, number != text.strip().lower()


def horizon(text: str) -> tuple[float, float]:
    """Rows of pixels at the left and at the right edge."""
    rows = text.split(",")
    wrong = f'"{text}" is not like 810 or 810,790, the rows of pixels that it crosses'
    if len(rows) > 2:
        raise argparse.ArgumentTypeError(wrong)
    return _finite(rows[0], wrong), _finite(rows[-1], wrong)


def _finite(text: str, wrong: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(wrong) from None
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(wrong)
    return value


def poses(text: str) -> tuple[str, Path | None]:
    kind, _, path = text.partition(":")
    if text == "auto":
        return "auto", None
    if kind in ("colmap", "transforms") and path:
        return kind, Path(path)
    raise argparse.ArgumentTypeError(f'"{text}" is none of auto, colmap:DIR, transforms:FILE')


class Parser(argparse.ArgumentParser):
    """Wrong usage is one sentence and exit status 2."""

    def error(self, message: str) -> NoReturn:
        tell(f"{self.prog}: {message}. Run `{self.prog} --help` to see what there is.")
        sys.exit(WRONG_USAGE)


def command(
    commands: "argparse._SubParsersAction[Parser]", name: str, words: str
) -> argparse.ArgumentParser:
    """The parser of a command `name`, with what all of them take."""
    parser = commands.add_parser(name, help=words, description=words, allow_abbrev=False)
    parser.add_argument(
        "--debug", action="store_true", help="show the traceback of unexpected errors"
    )
    parser.set_defaults(command=name, parser=parser)
    return parser
