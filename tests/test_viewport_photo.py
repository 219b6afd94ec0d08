"""Looking through the camera of a photo, the wipe, and pictures for elsewhere."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.capture.lens import Lens
from core.errors import UserError
from core.geometry.camera import Pinhole
from core.scene.document import State
from tests.viewport_scenes import (
    RED,
    SIZE,
    around,
    drag,
    pixels,
    place_of,
    region,
    settled,
    three_blobs,
)
from widgets.viewport.widget import Viewport

PINK = (230, 80, 200)
PINHOLE = Pinhole(320, 240, 300.0, 300.0, 160.0, 120.0)
SCALE = SIZE[1] / 240  # the photo is as high as the picture ...
LEFT = (SIZE[0] - 320 * SCALE) / 2  # ... and this is left over beside it


@pytest.fixture
def viewport(qtbot: QtBot) -> Iterator[Viewport]:
    made = Viewport()
    qtbot.addWidget(made)
    made.resize(*SIZE)
    made.show()
    made.setFocus()
    qtbot.waitExposed(made)
    made.show_state(None, State(reconstruction=around(), content=three_blobs()))
    settled(made)
    yield made
    made.hide()


def look_through(viewport: Viewport, name: str) -> None:
    viewport.look_through(name)
    photo = np.full((240, 320, 3), PINK, np.uint8)
    placed = next(photo for photo in around().photos if photo.name == name)
    viewport.set_photo_picture(name, photo, PINHOLE, placed.camera_from_scene)
    settled(viewport)


def test_the_flight_ends_exactly_where_the_photo_was_taken(
    viewport: Viewport,
) -> None:
    told: list[object] = []
    viewport.photo_picture_wanted.connect(told.append)
    viewport.looking_through.connect(told.append)
    viewport.look_through("c.jpg")
    assert told == ["c.jpg", "c.jpg"]
    settled(viewport)
    camera = around().photos[2].camera_from_scene
    seen = camera[:3, :3] @ np.zeros(3) + camera[:3, 3]
    expected = seen[:2] / seen[2] * 300 * SCALE + (LEFT + 160 * SCALE, 120 * SCALE)
    assert np.allclose(place_of(pixels(viewport), RED), expected, atol=3)
    assert viewport.photo == "c.jpg"


def test_left_of_the_line_is_the_photo(viewport: Viewport) -> None:
    look_through(viewport, "b.jpg")
    assert viewport.wipe == 0.5
    picture, pink = pixels(viewport), np.array(PINK) / 255
    assert np.allclose(region(picture, 100, 60), pink, atol=0.02)
    assert not np.allclose(region(picture, 380, 60), pink, atol=0.2)
    assert not np.allclose(region(picture, int(LEFT) - 6, 60), pink, atol=0.2)
    drag(viewport, (240, 160), (360, 160))
    assert viewport.wipe == pytest.approx(0.75, abs=0.01)
    assert viewport.photo == "b.jpg"
    assert np.allclose(region(pixels(viewport), 340, 60), pink, atol=0.02)
    QTest.keyClick(viewport, Qt.Key.Key_Comma)
    assert viewport.wipe == pytest.approx(0.73, abs=0.01)


def test_turning_leaves_the_photo_where_it_was_taken(viewport: Viewport, qtbot: QtBot) -> None:
    look_through(viewport, "b.jpg")
    before = place_of(pixels(viewport), RED)
    with qtbot.waitSignal(viewport.looking_through) as told:
        drag(viewport, (400, 160), (406, 160))
    assert told.args == [None]
    assert viewport.photo is None
    assert viewport.wipe is None
    assert viewport.options.wipe is None
    assert np.allclose(place_of(pixels(viewport), RED), before, atol=25)


def test_escape_leaves_the_photo_and_another_scene_does(viewport: Viewport) -> None:
    look_through(viewport, "b.jpg")
    QTest.keyClick(viewport, Qt.Key.Key_Escape)
    assert viewport.photo is None
    look_through(viewport, "a.jpg")
    old = State(reconstruction=around(), content=three_blobs())
    viewport.show_state(old, State(content=three_blobs()))
    assert viewport.photo is None


def test_pictures_of_photos_that_are_no_more_looked_through_are_passed_over(
    viewport: Viewport,
) -> None:
    viewport.look_through("b.jpg")
    viewport.look_through("a.jpg")
    late = np.zeros((240, 320, 3), np.uint8)
    viewport.set_photo_picture("b.jpg", late, PINHOLE, np.eye(4))
    assert viewport.wipe is None


def test_lenses_that_see_all_around_are_a_problem_told_in_words(
    viewport: Viewport, qtbot: QtBot
) -> None:
    ball = Lens("EQUIRECTANGULAR", 640, 320, (640.0, 320.0))
    placed = around()
    odd = replace(placed, photos=(replace(placed.photos[0], lens=ball), *placed.photos[1:]))
    viewport.show_state(None, State(reconstruction=odd))
    with qtbot.waitSignal(viewport.problem):
        viewport.look_through("a.jpg")
    assert viewport.photo is None


def test_a_desktop_without_motion_has_no_flights(viewport: Viewport) -> None:
    viewport.pilot.still_motion = True
    viewport.look_through("b.jpg")
    assert not viewport.pilot.flying


def test_pictures_are_fine_and_of_any_size(viewport: Viewport) -> None:
    own = viewport.picture()
    assert (own.width(), own.height()) == SIZE
    large = viewport.picture((960, 640))
    assert (large.width(), large.height()) == (960, 640)
    small = np.array(own.pixelColor(240, 160).getRgb())
    assert np.allclose(np.array(large.pixelColor(480, 320).getRgb()), small, atol=12)
    viewport.copy_picture()
    assert QGuiApplication.clipboard().image().size() == own.size()


def test_pictures_are_written_whole_with_and_without_background(
    viewport: Viewport, tmp_path: Path
) -> None:
    viewport.set_options(replace(viewport.options, grid=False, axes=False, frustums=False))
    for transparent in (False, True):
        viewport.save_picture(tmp_path / "scene.png", transparent=transparent)
        image = QImage(str(tmp_path / "scene.png"))
        corner = image.pixelColor(2, SIZE[1] - 3)
        assert corner.alpha() == (0 if transparent else 255)
        at = place_of(pixels(viewport), RED).astype(int)
        assert image.pixelColor(QPoint(*map(int, at))).alpha() > 240
    assert [file.name for file in tmp_path.iterdir()] == ["scene.png"]
    with pytest.raises(UserError):
        viewport.save_picture(tmp_path / "no folder" / "scene.png")
