"""What is remembered from one start to the next."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app import preferences
from app.engine.control import Control
from app.jobs.kinds import ProjectFacts, save_project_to
from core.scene.plan import Plan, names
from tests.panel_state import capture
from tests.window_parts import click, notice, opened, said, until
from widgets import theme
from widgets.viewport.options import Shading


def test_looks_come_back(qapp: QApplication, tmp_path: Path) -> None:
    with opened(tmp_path) as program:
        window = program.window
        looks = {}
        for name in ("dark", "light"):
            program.actions[f"theme_{name}"].trigger()
            looks[name] = theme.current()
        assert looks["dark"] != looks["light"]
        window.docks["properties"].hide()
        window.docks["curves"].show()
        window.resize(1200, 777)
        program.actions["grid"].trigger()
        assert not program.options.grid
        program.actions["shade_objects"].trigger()
    theme.apply(qapp, "dark")
    with opened(tmp_path) as program:
        window = program.window
        assert theme.current() == looks["light"]
        assert program.actions["theme_light"].isChecked()
        assert not window.docks["properties"].isVisible()
        assert window.docks["curves"].isVisible()
        assert window.docks["photos"].isVisible()
        assert (window.width(), window.height()) == (1200, 777)
        assert not program.options.grid
        assert not program.actions["grid"].isChecked()
        assert program.options.axes
        assert program.options.shading is Shading.OBJECTS
        assert program.actions["shade_objects"].isChecked()
    theme.apply(qapp, "dark")


def test_recent_projects_are_on_the_welcome_page(qapp: QApplication, tmp_path: Path) -> None:
    there, gone = tmp_path / "there.maquette", tmp_path / "gone.maquette"
    list(save_project_to(Control(), there, ProjectFacts(Plan(capture())), tmp_path / "work"))
    recents = tuple(preferences.Recent(path, "project", 1.8e9) for path in (there, gone))
    known = preferences.Preferences(recents=recents)
    preferences.save(known, tmp_path / "preferences.ini")
    with opened(tmp_path) as program:
        first, second = program.window.welcome.cards()
        assert (first.recent.name, second.recent.name) == ("there", "gone")
        assert "Not there any more" in second.accessibleName()
        assert not second.isEnabled()
        click(first)
        until(lambda: len(names(program.state.plan)) == 5)
        assert program.state.path == there
        assert not program.document.modified
        notice(program, "photos of the project are not where they were")


@pytest.mark.parametrize(
    "damage",
    [b"\x00\xff" * 400, b'[General]\ntheme=7\ndocks=@@\ngeometry="AAAA"\nrecents={{{\nview=[]\n'],
    ids=["noise", "nonsense"],
)
def test_damaged_preferences_are_as_none(damage: bytes, qapp: QApplication, tmp_path: Path) -> None:
    file = tmp_path / "preferences.ini"
    file.write_bytes(damage)
    with opened(tmp_path) as program:
        assert program.memory.preferences.theme == "system"
        assert program.memory.preferences.recents == ()
        assert program.window.docks["photos"].isVisible()
        assert program.window.welcome.isVisible()
        assert said(program) == []
        program.actions["theme_light"].trigger()
    assert preferences.load(file).theme == "light"
    theme.apply(qapp, "dark")


def test_a_view_that_was_meddled_with_does_no_harm(qapp: QApplication, tmp_path: Path) -> None:
    file = tmp_path / "preferences.ini"
    wrong = {"grid": "yes", "axes": False, "shading": 3, "no such thing": True}
    preferences.save(preferences.Preferences(view=wrong, geometry=b"x", docks=b"y"), file)
    with opened(tmp_path) as program:
        assert program.options.grid is True
        assert program.options.axes is False
        assert program.window.isVisible()
