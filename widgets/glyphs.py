"""The program's drawings as SVG text in any colour, and as files for the style sheet."""

from functools import cache
from importlib import resources
from pathlib import Path

from PySide6.QtCore import QTemporaryDir

GRID = 24  # every drawing lies within so many units each way
PLACEHOLDER = "currentColor"


@cache
def names() -> frozenset[str]:
    """All drawings there are."""
    folder = resources.files("resources").joinpath("icons")
    return frozenset(
        file.name.removesuffix(".svg") for file in folder.iterdir() if file.name.endswith(".svg")
    )


@cache
def drawing(name: str) -> str:
    """The SVG as it lies in the package. Raises KeyError for a name without a drawing."""
    if name not in names():
        raise KeyError(f"no icon is named {name!r}")
    file = resources.files("resources").joinpath("icons", f"{name}.svg")
    return file.read_text(encoding="utf-8")


def colored(name: str, color: str) -> str:
    """The drawing with its lines in `color` ("#rrggbb")."""
    return drawing(name).replace(PLACEHOLDER, color)


def written(text: str, on_accent: str, faint: str, soft: str) -> dict[str, str]:
    """Files, by their names in the style sheet, of the marks that it shows in these colours."""
    return {
        "mark_check": _file("check", on_accent),
        "mark_minus": _file("minus", on_accent),
        "mark_check_off": _file("check", faint),
        "mark_down": _file("chevron-down", soft),
        "mark_down_off": _file("chevron-down", faint),
        "mark_up": _file("chevron-up", soft),
        "mark_up_off": _file("chevron-up", faint),
        "mark_right": _file("chevron-right", text),
        "mark_close": _file("close", soft),
        "mark_float": _file("float", soft),
    }


@cache
def _folder() -> QTemporaryDir:
    # Style sheets take pictures from files only. Qt removes the folder at the end.
    return QTemporaryDir()


def _file(name: str, color: str) -> str:
    path = Path(_folder().path()) / f"{name}-{color.removeprefix('#')}.svg"
    if not path.exists():
        path.write_text(colored(name, color), encoding="utf-8")
    return path.as_posix()
