"""What the program remembers from one start to the next."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSaveFile, QSettings, QStandardPaths, Qt
from PySide6.QtGui import QImage

NAME = "Maquette"
MOST_RECENTS = 12
THUMBNAIL_WIDTH = 396  # pixels: twice what a card shows

Theme = Literal["system", "light", "dark"]
Device = Literal["auto", "cpu", "cuda"]
Keys = Literal["maquette", "blender"]
Kind = Literal["project", "ply", "photos"]


@dataclass(frozen=True)
class Recent:
    """Something opened before. `when`: seconds since 1970; `thumbnail`: a PNG of ours."""

    path: Path
    kind: Kind
    when: float
    thumbnail: Path | None = None

    @property
    def missing(self) -> bool:
        return not self.path.exists()


@dataclass(frozen=True)
class Preferences:
    """`language`: a code such as "de", "" for the system's. `view`: options of the viewport, as
    JSON holds them. `folders`: where the last of each kind was opened or saved.

    `geometry` and `docks` are Qt's own words for where the window and its parts are.
    """

    theme: Theme = "system"
    language: str = ""
    device: Device = "auto"
    keys: Keys = "maquette"
    segmenter: str = ""  # where its network is, "" for the one that is always there
    keep_training: bool = True  # whether projects hold where training stands
    downloads: bool = False  # whether the hub may be asked for anything
    models: Mapping[str, Path] = field(default_factory=dict)  # where the user has them, by name
    finder: str = ""  # where the network is that understands words, "" for none
    maker: str = ""  # where the network is that makes objects of pictures, "" for none
    editor: str = ""  # where the one is that edits these pictures before, "" for none
    drawer: str = ""  # where the one is that draws photos from words, "" for none
    geometry: bytes = b""
    docks: bytes = b""
    panels: tuple[str, ...] | None = None  # names of those to see, None for the usual ones
    folders: Mapping[str, Path] = field(default_factory=dict)
    view: Mapping[str, object] = field(default_factory=dict)
    recents: tuple[Recent, ...] = ()  # newest first


def load(file: Path | None = None) -> Preferences:
    """What was saved in `file` (default: the user's own); what cannot be read is as at first."""
    settings = _settings(file)
    found: dict[str, Any] = {}
    for name, form in FORMS.items():
        try:
            found[name] = form.read(json.loads(settings.value(name)))
        # Settings can be of any make: edited by hand, of a later version, half written.
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
            continue
    return Preferences(**found)


def save(preferences: Preferences, file: Path | None = None) -> bool:
    """Whether it could be written."""
    settings = _settings(file)
    for name, form in FORMS.items():
        settings.setValue(name, json.dumps(form.write(getattr(preferences, name))))
    settings.sync()
    return settings.status() is QSettings.Status.NoError


def with_recent(preferences: Preferences, recent: Recent) -> Preferences:
    """`recent` first, and once; the oldest beyond the most that are kept go."""
    others = [other for other in preferences.recents if other.path != recent.path]
    return replace(preferences, recents=(recent, *others)[:MOST_RECENTS])


def without_recent(preferences: Preferences, path: Path) -> Preferences:
    """Without the one at `path`."""
    kept = tuple(recent for recent in preferences.recents if recent.path != path)
    return replace(preferences, recents=kept)


def cache_folder() -> Path:
    """Where thumbnails lie; may not exist yet."""
    kind = QStandardPaths.StandardLocation.GenericCacheLocation
    return Path(QStandardPaths.writableLocation(kind)) / NAME.lower() / "thumbnails"


def write_thumbnail(path: Path, picture: QImage, folder: Path | None = None) -> Path | None:
    """Keep `picture` small for what is at `path`; where it lies, None if it cannot be kept."""
    folder = folder or cache_folder()
    name = hashlib.sha256(str(path.absolute()).encode("utf-8", "surrogateescape")).hexdigest()
    file = folder / f"{name[:32]}.png"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    small = picture if picture.width() <= THUMBNAIL_WIDTH else _scaled(picture)
    whole = QSaveFile(str(file))  # which takes its name once all is written
    kept = whole.open(QSaveFile.OpenModeFlag.WriteOnly) and small.save(whole, "PNG")  # type: ignore[call-overload]
    return file if kept and whole.commit() else None


def read_thumbnail(recent: Recent) -> NDArray[np.uint8] | None:
    """Pixels [h, w, 3] of the thumbnail, None where there is none."""
    if recent.thumbnail is None or not recent.thumbnail.is_file():
        return None
    image = QImage(str(recent.thumbnail)).convertToFormat(QImage.Format.Format_RGB888)
    if image.isNull():
        return None
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


class _Form(NamedTuple):
    """How a field goes into JSON and comes back; `read` raises for anything not written so."""

    write: Callable[[Any], object]
    read: Callable[[Any], object]


def _same(value: Any) -> Any:
    return value


def _one_of(*allowed: str) -> _Form:
    return _Form(_same, lambda value: allowed[allowed.index(value)])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _to_base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _from_base64(value: str) -> bytes:
    return base64.b64decode(value, validate=True)


def _texts(value: Any) -> tuple[str, ...] | None:
    return None if value is None else tuple(_text(each) for each in _list(value))


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(value)
    return value


def _recents_to_json(recents: tuple[Recent, ...]) -> object:
    return [
        {
            "path": str(recent.path),
            "kind": recent.kind,
            "when": recent.when,
            "thumbnail": None if recent.thumbnail is None else str(recent.thumbnail),
        }
        for recent in recents
    ]


def _recents_from_json(value: object) -> tuple[Recent, ...]:
    read_kind = _one_of(*get_args(Kind)).read
    return tuple(
        Recent(
            Path(_text(row["path"])),
            read_kind(row["kind"]),  # type: ignore[arg-type]
            float(row["when"]),
            None if row["thumbnail"] is None else Path(_text(row["thumbnail"])),
        )
        for row in _list(value)
    )[:MOST_RECENTS]


FORMS = {
    "theme": _one_of(*get_args(Theme)),
    "language": _Form(_same, _text),
    "device": _one_of(*get_args(Device)),
    "keys": _one_of(*get_args(Keys)),
    "segmenter": _Form(_same, _text),
    "keep_training": _Form(_same, lambda value: value is not False),
    "downloads": _Form(_same, lambda value: value is True),
    "models": _Form(
        lambda models: {name: str(path) for name, path in models.items()},
        lambda value: {name: Path(_text(path)) for name, path in value.items()},
    ),
    "finder": _Form(_same, _text),
    "maker": _Form(_same, _text),
    "editor": _Form(_same, _text),
    "drawer": _Form(_same, _text),
    "geometry": _Form(_to_base64, _from_base64),
    "docks": _Form(_to_base64, _from_base64),
    "panels": _Form(_same, _texts),
    "folders": _Form(
        lambda folders: {name: str(path) for name, path in folders.items()},
        lambda value: {name: Path(_text(path)) for name, path in value.items()},
    ),
    "view": _Form(dict, lambda value: dict(value.items())),
    "recents": _Form(_recents_to_json, _recents_from_json),
}
assert FORMS.keys() == {f.name for f in fields(Preferences)}


def _settings(file: Path | None) -> QSettings:
    kind = QSettings.Format.IniFormat
    if file is not None:
        return QSettings(str(file), kind)
    return QSettings(kind, QSettings.Scope.UserScope, NAME, NAME)


def _scaled(picture: QImage) -> QImage:
    return picture.scaledToWidth(THUMBNAIL_WIDTH, Qt.TransformationMode.SmoothTransformation)
