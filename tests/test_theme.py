"""The looks: text is legible in both themes, and icons are drawn within their grid."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from widgets import glyphs, icons, theme
from widgets.theme import DARK, LIGHT, Theme

LEGIBLE, SEEN = 4.5, 3.0  # contrast that text needs, and that marks and rings need
GROUNDS = ("window", "panel", "raised", "field", "hover", "chosen")
NOTICES = ("error", "warning", "info", "good")


@pytest.fixture(autouse=True)
def _themes_go_back(qapp: QApplication) -> Iterator[None]:
    yield
    theme.apply(qapp, "system")


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)
def test_text_is_legible(look: Theme) -> None:
    pairs = [(text, ground) for text in ("text", "soft") for ground in GROUNDS]
    pairs += [(kind, ground) for kind in NOTICES for ground in ("panel", f"{kind}_ground")]
    pairs += [("text", f"{kind}_ground") for kind in NOTICES]
    pairs += [("on_accent", "accent"), ("on_accent", "accent_hover"), ("accent", "panel")]
    found = {pair: theme.contrast(getattr(look, pair[0]), getattr(look, pair[1])) for pair in pairs}
    assert {pair: value for pair, value in found.items() if value < LEGIBLE} == {}


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)
def test_rings_and_curves_are_seen(look: Theme) -> None:
    found = {ground: theme.contrast(look.accent, getattr(look, ground)) for ground in GROUNDS}
    found |= {color: theme.contrast(color, look.panel) for color in look.curves}
    assert {name: value for name, value in found.items() if value < SEEN} == {}
    assert theme.contrast(look.faint, look.panel) > 2.5


def test_contrast_is_as_defined() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast("#777777", "#777777") == 1
    assert theme.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(("wish", "look"), [("light", LIGHT), ("dark", DARK)])
def test_applying_a_theme(qapp: QApplication, wish: str, look: Theme) -> None:
    heard: list[Theme] = []
    connection = theme.notifier().changed.connect(heard.append)
    assert theme.apply(qapp, wish) is look
    theme.notifier().changed.disconnect(connection)
    assert theme.current() is look
    assert heard == [look]
    assert qapp.palette().window().color().name() == look.panel
    assert look.accent in qapp.styleSheet()
    assert "$" not in qapp.styleSheet().replace("$name", "")


def test_the_system_is_followed(qapp: QApplication) -> None:
    theme.apply(qapp, "system")
    told = qapp.styleHints().colorSchemeChanged
    told.emit(Qt.ColorScheme.Light)
    assert theme.current() is LIGHT
    told.emit(Qt.ColorScheme.Dark)
    assert theme.current() is DARK
    theme.apply(qapp, "dark")
    told.emit(Qt.ColorScheme.Light)
    assert theme.current() is DARK  # a wish is a wish


def test_unknown_wishes_are_refused(qapp: QApplication) -> None:
    with pytest.raises(ValueError, match="one of light, dark, system"):
        theme.apply(qapp, "pink")


@pytest.mark.parametrize("name", sorted(glyphs.names()))
def test_a_drawing_is_within_its_grid(qapp: QApplication, name: str) -> None:
    text = glyphs.colored(name, "#000000")
    assert glyphs.PLACEHOLDER not in text
    assert 'viewBox="0 0 24 24"' in text
    # Seen with as much again around it, whatever leaves the grid shows.
    wide = text.replace('viewBox="0 0 24 24"', 'viewBox="-12 -12 48 48"')
    renderer = QSvgRenderer(QByteArray(wide.encode()))
    assert renderer.isValid()
    image = QImage(192, 192, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, 192, 192))
    painter.end()
    inside = painted(image.copy(48, 48, 96, 96))
    assert 150 < inside <= 96 * 96
    assert painted(image) == inside


def painted(image: QImage) -> int:
    return sum(
        image.pixelColor(x, y).alpha() > 8
        for x in range(image.width())
        for y in range(image.height())
    )


def test_every_icon_in_use_is_drawn() -> None:
    files = [*(REPOSITORY / "widgets").rglob("*.py"), *(REPOSITORY / "app").rglob("*.py")]
    used = {name for file in files for name in icons_named(file)}
    assert used
    assert used - glyphs.names() == set()


def icons_named(file: Path) -> set[str]:
    text = file.read_text(encoding="utf-8")
    told = re.findall(r'icons\.(?:icon|image|renderer)\(\s*"([a-z-]+)"', text)
    told += re.findall(r'dress\(\s*[\w.]+,\s*"([a-z-]+)"', text)
    told += re.findall(r'\bmark\(\s*"([a-z-]+)"', text)
    told += re.findall(r'\bicon(?:_name)?="([a-z-]+)"', text)
    return set(told)


def test_icons_are_sharp_and_in_the_colour_of_the_theme(qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    pixmap = icons.icon("stop").pixmap(24)
    assert not pixmap.isNull()
    assert main_color(pixmap.toImage()) == DARK.text
    assert main_color(icons.image("stop", "#ff0000", 20)) == "#ff0000"
    for ratio in (1.0, 1.5, 2.0):
        assert icons.icon("stop").pixmap(pixmap.size() / 2, ratio).width() == round(12 * ratio)


def main_color(image: QImage) -> str:
    colors = [
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    ]
    return max(set(colors), key=colors.count)


def test_worn_icons_change_with_the_theme(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    button = QPushButton()
    qtbot.addWidget(button)
    icons.dress(button, "play")
    icons.dress(button, "stop")  # again: the second alone counts
    theme.apply(qapp, "light")
    assert main_color(button.icon().pixmap(24).toImage()) == LIGHT.text
    filled = painted(icons.image("stop", "#000000", 24))
    assert painted(button.icon().pixmap(24).toImage()) == filled


def test_an_unknown_icon_is_our_mistake() -> None:
    with pytest.raises(KeyError, match="no icon is named"):
        icons.image("no-such-icon", "#000000", 16)
