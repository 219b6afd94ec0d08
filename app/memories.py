"""What is remembered from one start to the next, brought to the program and taken from it."""

import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Literal, cast

import numpy as np
from PySide6.QtCore import QDateTime, QLocale
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app import preferences as store
from app.window import Window
from widgets import theme
from widgets.panels import welcome
from widgets.viewport.keymap import Keymap
from widgets.viewport.options import Options, Shading

SWITCHES = tuple(f.name for f in fields(Options) if f.type in (bool, "bool"))
SHADINGS = {shading.value: shading for shading in Shading}


class Memories:
    """`file`: where the preferences lie, None for the user's own."""

    def __init__(self, application: QApplication, window: Window, file: Path | None) -> None:
        self._application, self._window, self._file = application, window, file
        self.preferences = store.load(file)

    def restore(self) -> None:
        """Let everything be as it was when the program was left."""
        theme.apply(self._application, self.preferences.theme)
        self._window.restore_layout(self.preferences.geometry, self.preferences.docks)
        viewport = self._window.viewport
        known: dict[str, object] = {
            name: value
            for name, value in self.preferences.view.items()
            if name in SWITCHES and isinstance(value, bool)
        }
        shading = self.preferences.view.get("shading")
        if isinstance(shading, str) and shading in SHADINGS:
            known["shading"] = SHADINGS[shading]
        viewport.set_options(replace(viewport.options, **known))  # type: ignore[arg-type]
        self.show_recents()

    def keep(self) -> None:
        """Write down how everything is."""
        geometry, docks = self._window.layout_state()
        options = self._window.viewport.options
        view: dict[str, object] = {name: getattr(options, name) for name in SWITCHES}
        view["shading"] = options.shading.value
        self._change(replace(self.preferences, geometry=geometry, docks=docks, view=view))

    def choose_theme(self, wish: str) -> None:
        """Dress the window "light", "dark" or as the "system" is, now and at the next start."""
        theme.apply(self._application, wish)
        chosen = cast(Literal["system", "light", "dark"], wish)
        self._change(replace(self.preferences, theme=chosen))

    def choose_keys(self, keymap: Keymap) -> None:
        """Go by these keys at the next start too."""
        self._change(replace(self.preferences, keys=keymap.value))

    @property
    def file(self) -> Path | None:
        """Where the preferences lie, None for the user's own."""
        return self._file

    def keep_training(self, keep: bool) -> None:
        """Whether projects hold where training stands, now and at the next start."""
        self._change(replace(self.preferences, keep_training=keep))

    def choose_segmenter(self, place: str) -> None:
        """Find objects by the network at `place` at the next start too."""
        self._change(replace(self.preferences, segmenter=place))

    def allow_downloads(self, downloads: bool) -> None:
        """Whether the hub may be asked for anything, now and at the next start."""
        self._change(replace(self.preferences, downloads=downloads))

    def note_model(self, name: str, place: Path) -> None:
        """Remember where the user has a model."""
        models = {**self.preferences.models, name: place}
        self._change(replace(self.preferences, models=models))

    def choose_finder(self, place: str) -> None:
        """Understand words by the network at `place` at the next start too."""
        self._change(replace(self.preferences, finder=place))

    def choose(self, name: str, place: str) -> None:
        """Remember the network at `place` for "maker", "editor" or "drawer", "" for none."""
        self._change(replace(self.preferences, **{name: place}))  # type: ignore[arg-type]

    def note_opened(self, path: Path, picture: QImage | None) -> None:
        """Let `path` be the first of the recent ones, shown by `picture`."""
        before = next((old for old in self.preferences.recents if old.path == path), None)
        thumbnail = before.thumbnail if before is not None else None
        if picture is not None and not picture.isNull():
            folder = None if self._file is None else self._file.parent
            thumbnail = store.write_thumbnail(path, picture, folder)
        kind: Literal["project", "ply"] = "project" if path.is_dir() else "ply"
        recent = store.Recent(path, kind, time.time(), thumbnail)
        self._change(store.with_recent(self.preferences, recent))
        self.show_recents()

    def show_recents(self) -> None:
        self._window.welcome.show_recents(
            [_card(recent) for recent in self.preferences.recents if recent.kind != "photos"]
        )

    def _change(self, preferences: store.Preferences) -> None:
        self.preferences = preferences
        store.save(preferences, self._file)


def _card(recent: store.Recent) -> welcome.Recent:
    when = QDateTime.fromSecsSinceEpoch(int(recent.when))
    words = QLocale().toString(when, QLocale.FormatType.ShortFormat)
    picture = store.read_thumbnail(recent)
    shown = None if picture is None else np.ascontiguousarray(picture)
    return welcome.Recent(recent.path, recent.path.stem, words, shown, recent.missing)
