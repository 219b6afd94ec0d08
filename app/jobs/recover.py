"""The job that keeps unsaved work: a project beside the user's own, with what tells it apart."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from app.engine.control import Control
from app.jobs.values import ProjectFacts, Saved
from core.gaussians.arrays import SplatArrays
from core.progress import Progress
from core.project.files import replaced, told
from core.project.photo_files import SUFFIX

SCENE, ABOUT, PICTURE = f"scene{SUFFIX}", "about.json", "picture.png"


@dataclass(frozen=True)
class About:
    """`name`: what the user calls it; `path`: where it was saved or opened, "" for nowhere.

    `when`: seconds since 1970.
    """

    name: str
    path: str
    when: float


def keep_unsaved(
    control: Control,
    folder: Path,
    facts: ProjectFacts,
    work: Path,
    about: About,
    picture: bytes,
    splats: SplatArrays | None = None,
) -> Iterator[Progress | Saved]:
    """Write the scene below `folder`, each file whole or absent; `picture` is a PNG or nothing."""
    from app.jobs.files import saved

    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
    yield from saved(folder / SCENE, facts, work, splats)
    if picture:
        with replaced(folder / PICTURE) as file:
            file.write(picture)
    with replaced(folder / ABOUT) as file:
        file.write(json.dumps(asdict(about)).encode("utf-8"))
