"""Which files are meant by the paths that a user names."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.capture.photos import LeftOut
from core.errors import UserError

# fmt: off
PHOTO_SUFFIXES = frozenset((
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".heic", ".heif", ".hif",
    ".bmp",
))
VIDEO_SUFFIXES = frozenset((".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm"))

# Pictures all the same, so that silence about them would puzzle: raw files, and rarer formats.
UNREAD_SUFFIXES = frozenset((
    ".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2", ".pef", ".srw",
    ".avif", ".jxl", ".gif", ".psd", ".exr", ".hdr",
))
# fmt: on
PROJECT_SUFFIX = ".maquette"

KINDS_HINT = "Give photos (JPEG, PNG, HEIC, WebP, TIFF) or a video (MP4, MOV, MKV, AVI, WebM)."


@dataclass(frozen=True)
class Sources:
    """Files to read, each once, sorted, and those that are known not to serve."""

    photos: tuple[Path, ...]
    videos: tuple[Path, ...]
    left_out: tuple[LeftOut, ...]
    ignored: tuple[str, ...]  # suffixes of files in the folders that are no pictures, sorted


def find_sources(paths: Sequence[Path]) -> Sources:
    """The files among `paths` and in the folders among them.

    A folder means its photos and videos; only one that has none at its top is
    searched below. Hidden files and other kinds are passed over in silence
    there, but a file named by the user is always tried. Raises `UserError` for
    a path that does not exist.
    """
    named: list[Path] = []
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += _in_folder(path)
        elif path.exists():
            named.append(path)
        else:
            raise UserError(f"There is no file or folder {path}.", hint="Check the spelling.")
    files = sorted({path.resolve(): path for path in found + named}.values())
    by_name = {path.resolve() for path in named}
    videos = [path for path in files if _kind(path) in VIDEO_SUFFIXES]
    photos = [
        path
        for path in files
        if _kind(path) in PHOTO_SUFFIXES
        or (path.resolve() in by_name and _kind(path) not in VIDEO_SUFFIXES | UNREAD_SUFFIXES)
    ]
    unread = [path for path in files if _kind(path) in UNREAD_SUFFIXES]
    known = {*videos, *photos, *unread}
    return Sources(
        photos=tuple(photos),
        videos=tuple(path for path in videos if not _moving_half(path, photos)),
        left_out=tuple(
            LeftOut(path.name, f"{_kind(path)[1:].upper()} files are not read; save it as JPEG.")
            for path in unread
        ),
        ignored=tuple(sorted({_kind(path) or path.name for path in files if path not in known})),
    )


def unique_names(files: Iterable[Path], taken: Iterable[str] = ()) -> dict[Path, str]:
    """A name for each file that no other has, letter case aside, and none of `taken` either.

    Names are file names; where several files share one, each is led by the names of as many
    folders above it as it takes ("left-1.jpg", "right-1.jpg"). So a name depends neither on
    the order of the files nor on which of them turn out to be usable.
    """
    depth = dict.fromkeys(files, 1)
    reserved = [name.casefold() for name in taken]
    while True:
        names = {path: "-".join(path.absolute().parts[1:][-n:]) for path, n in depth.items()}
        uses = Counter([name.casefold() for name in names.values()] + reserved)
        clashing = [
            path
            for path, name in names.items()
            if uses[name.casefold()] > 1 and depth[path] < len(path.absolute().parts) - 1
        ]
        if not clashing:
            return _numbered(names, reserved)
        for path in clashing:
            depth[path] += 1


def _numbered(names: dict[Path, str], reserved: Iterable[str]) -> dict[Path, str]:
    """`names` with "~2", "~3" ... before the suffix where even whole paths read the same."""
    used = set(reserved)
    answer: dict[Path, str] = {}
    for path, name in names.items():
        number, chosen = 1, name
        while chosen.casefold() in used:
            number += 1
            chosen = f"{Path(name).stem}~{number}{Path(name).suffix}"
        used.add(chosen.casefold())
        answer[path] = chosen
    return answer


def _in_folder(folder: Path) -> list[Path]:
    """The visible files at the top of `folder`, or all below it if no picture is among them."""
    try:
        top = [path for path in folder.iterdir() if path.is_file() and _visible(path, folder)]
        if any(_kind(path) in PHOTO_SUFFIXES | VIDEO_SUFFIXES for path in top):
            return top
        return [path for path in folder.rglob("*") if path.is_file() and _visible(path, folder)]
    except PermissionError as error:
        raise UserError(
            f"The folder {folder} may not be read (permission denied).",
            hint="Change its permissions, or copy the photos elsewhere.",
        ) from error


def _visible(path: Path, folder: Path) -> bool:
    """Whether `path` is neither hidden below `folder` nor part of one of our projects."""
    parts = path.relative_to(folder).parts
    return not any(part.startswith((".", "__MACOSX")) for part in parts) and not any(
        part.lower().endswith(PROJECT_SUFFIX) for part in parts[:-1]
    )


def _moving_half(video: Path, photos: Iterable[Path]) -> bool:
    """Whether `video` is the clip that a phone keeps beside each "live" photo."""
    return any(
        photo.parent == video.parent and photo.stem.casefold() == video.stem.casefold()
        for photo in photos
    )


def _kind(path: Path) -> str:
    return path.suffix.lower()
