"""Made-up rooms to measure on, drawn when first asked for and kept in a folder."""

import importlib
from collections.abc import Iterator
from pathlib import Path

from app.cli.console import tell
from app.engine.in_child import in_child
from core.progress import Progress
from core.project.files import new_folder


def find_rooms(folder: Path, count: int, shrink: float = 1.0) -> list[Path]:
    """Folders with photos and cameras.json of rooms 1 to `count`, drawn where they are missing.

    `shrink`: how many times smaller than usual.
    """
    rooms = [folder / f"room-{number}" for number in range(1, count + 1)]
    folder.mkdir(parents=True, exist_ok=True)
    for number, room in enumerate(rooms, start=1):
        if not room.exists():
            tell(f"Drawing {room.name}")
            with new_folder(room) as place:
                list(in_child(_drawn, place, number, shrink))
    return rooms


def _drawn(place: Path, number: int, shrink: float) -> Iterator[Progress]:
    others = importlib.import_module("resources.room.others")
    steps = others.build(place, number, shrink=shrink)
    yield from (Progress("Drawing photos", *step) for step in steps)
