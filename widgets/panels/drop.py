"""What dropped things are, told by their names and folders alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QMimeData

from core.capture.sources import (
    PHOTO_SUFFIXES,
    PROJECT_SUFFIX,
    UNREAD_SUFFIXES,
    VIDEO_SUFFIXES,
)
from core.export.any_file import SCENE_SUFFIXES
from core.project.folder import MANIFEST

RESULT = f"scene{PROJECT_SUFFIX}"  # the project among the files of a finished reconstruction
LOOKED_AT = 5000  # entries of a folder: a dropped disk must not hold the window up

translate = QCoreApplication.translate


@dataclass(frozen=True)
class Dropped:
    """What can be done with dropped paths: at most one of the three is filled.

    `sources`: photos, videos and folders of them. `project`: a project's folder.
    `file`: one with a scene in it. `problem` and `hint` are sentences on what cannot be
    used; with something usable beside it they are a remark, else the whole answer.
    """

    sources: tuple[Path, ...] = ()
    project: Path | None = None
    file: Path | None = None
    problem: str = ""
    hint: str = ""

    def __bool__(self) -> bool:
        return bool(self.sources or self.project or self.file)


def paths_of(mime: QMimeData) -> tuple[Path, ...]:
    """The files and folders that are dragged; links into the web are none."""
    return tuple(Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile())


def sort_drop(paths: Sequence[Path]) -> Dropped:
    """What the dropped `paths` are. A project goes before a file, a file before photos."""
    projects: list[Path] = []
    files: list[Path] = []
    sources: list[Path] = []
    problems: list[str] = []
    for path in paths:
        project = project_in(path)
        if project is not None:
            projects.append(project)
        elif path.suffix.lower() in SCENE_SUFFIXES and path.is_file():
            files.append(path)
        elif (wrong := _problem(path)) is None:
            sources.append(path)
        else:
            problems.append(wrong)
    if projects:
        return _one(projects, [*files, *sources], problems, project=projects[0])
    if files:
        return _one(files, sources, problems, file=files[0])
    return Dropped(tuple(sources), problem=_joined(problems), hint=_hint() if problems else "")


def project_in(path: Path) -> Path | None:
    """The project that `path` is, has as its manifest, or was reconstructed into."""
    if path.name == MANIFEST and path.is_file():
        return path.parent
    if not path.is_dir():
        return None
    if (path / MANIFEST).is_file() or path.suffix.lower() == PROJECT_SUFFIX:
        return path
    if (path / RESULT).is_dir():
        return path / RESULT
    return None


def _hint() -> str:
    """What to drop instead."""
    return translate(
        "Drop",
        "Drop photos (JPEG, PNG, HEIC, WebP, TIFF), a folder of photos, a video, a project or "
        "a scene (PLY, SPZ, GLB).",
    )


def _one(
    chosen: Sequence[Path],
    others: Sequence[Path],
    problems: Sequence[str],
    *,
    project: Path | None = None,
    file: Path | None = None,
) -> Dropped:
    """One thing is opened at a time; the others are mentioned."""
    told = list(problems)
    hint = _hint() if problems else ""
    if len(chosen) > 1 or others:
        told.insert(
            0,
            translate("Drop", "Only {name} is opened, not the {count} other(s) dropped with it.")
            .format(name=chosen[0].name, count=len(chosen) - 1 + len(others))
            .replace("other(s)", "other" if len(chosen) + len(others) == 2 else "others"),
        )
        hint = translate("Drop", "Drop one project or scene at a time.")
    return Dropped(project=project, file=file, problem=_joined(told), hint=hint)


def _problem(path: Path) -> str | None:
    """Why `path` is no source of photos; None if it may be one."""
    name = path.name or str(path)
    if path.is_dir():
        return _folder_problem(path, name)
    if not path.exists():
        return translate("Drop", "There is no file {name} (any more).").format(name=name)
    suffix = path.suffix.lower()
    if suffix in PHOTO_SUFFIXES | VIDEO_SUFFIXES:
        return None
    if suffix in UNREAD_SUFFIXES:
        return translate(
            "Drop", "{name} is a {kind} picture, which is not read; save it as JPEG."
        ).format(name=name, kind=suffix[1:].upper())
    return translate(
        "Drop", "{name} is neither a photo nor a video, project or scene file."
    ).format(name=name)


def _folder_problem(folder: Path, name: str) -> str | None:
    try:
        if any(_is_source(path) for path in islice(_entries(folder), LOOKED_AT)):
            return None
        # More than is looked at: let the reading tell.
        if next(islice(_entries(folder), LOOKED_AT, None), None) is not None:
            return None
    except OSError:
        return translate("Drop", "The folder {name} may not be read.").format(name=name)
    return translate("Drop", "The folder {name} holds no photos or videos.").format(name=name)


def _entries(folder: Path) -> Iterator[Path]:
    """The folder's own entries first, then all that lie below."""
    yield from folder.iterdir()
    for path in folder.rglob("*"):
        if path.parent != folder:
            yield path


def _is_source(path: Path) -> bool:
    suffix = path.suffix.lower()
    known = suffix in PHOTO_SUFFIXES | VIDEO_SUFFIXES | UNREAD_SUFFIXES
    return known and not path.name.startswith(".")


def _joined(problems: Sequence[str]) -> str:
    """The first few sentences."""
    shown = list(problems[:3])
    if len(problems) > len(shown):
        more = len(problems) - len(shown)
        shown.append(translate("Drop", "({count} more cannot be used.)").format(count=more))
    return " ".join(shown)
