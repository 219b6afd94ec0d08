"""Splats in the colours of their objects, or of where they come from, and what those mean."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.gaussians.arrays import SplatArrays
from core.gaussians.provenance import Origin
from core.geometry.camera import Pinhole
from core.scene.document import State
from core.segment.labels import LAST_ID, SceneObject
from core.segment.masks import FIRST_OBJECTS, color_of
from tests.canvas import BARE, draw
from tests.viewport_scenes import blob, together
from widgets.viewport.eye import Eye
from widgets.viewport.legend import MOST, WIDEST, Entry, LegendPlate, legend
from widgets.viewport.options import Options, Shading
from widgets.viewport.packing import pack
from widgets.viewport.palette import FILLED, HARDLY, ONE_PHOTO, UNJUDGED, WELL, palette, rgb
from widgets.viewport.renderer import Renderer
from widgets.viewport.sorting import Sorter

SIZE = (240, 80)
PLACES = (-1.2, -0.4, 0.4, 1.2)
OBJECTS = replace(BARE, shading=Shading.OBJECTS)
ORIGINS = replace(BARE, shading=Shading.ORIGIN)
GREY = (0.5, 0.5, 0.5)


def row(**columns: tuple[object, ...]) -> SplatArrays:
    """Four grey balls from left to right, with these marks."""
    parts = [blob((-x, 0, 0), GREY) for x in PLACES]
    for name, values in columns.items():
        kind = getattr(parts[0], name).dtype
        parts = [
            replace(part, **{name: np.full(len(part), value, kind)})
            for part, value in zip(parts, values, strict=True)
        ]
    return together(*parts)


def eye() -> Eye:
    """Before the balls: x to the left."""
    camera_from_scene = np.diag([-1.0, -1.0, 1.0, 1.0])
    camera_from_scene[2, 3] = 3
    return Eye.of_photo(Pinhole(*SIZE, 200.0, 200.0, 120.0, 40.0), camera_from_scene)


def show(renderer: Renderer, splats: SplatArrays, colors: NDArray[np.uint8] | None = None) -> None:
    packed = pack(splats)
    renderer.set_splats(packed)
    renderer.set_order(Sorter().order(packed.means, eye()))
    renderer.set_palette(palette(FIRST_OBJECTS) if colors is None else colors)


def colors(renderer: Renderer, options: Options) -> list[NDArray[np.float64]]:
    """Of the middles of the four balls, [3] in [0, 1]."""
    drawn = draw(renderer, eye(), options)
    columns = [round(120 + 200 * x / 3) for x in PLACES]
    return [drawn[36:45, x - 4 : x + 5, :3].mean(axis=(0, 1)) / 255 for x in columns]


def hue(color: object) -> NDArray[np.float64]:
    """What remains of a colour without its grey part, of length 1."""
    rest = np.asarray(color, float) - np.min(np.asarray(color, float))
    return np.asarray(rest / np.linalg.norm(rest))


def test_splats_have_the_colours_of_their_objects(renderer: Renderer) -> None:
    things = (
        *FIRST_OBJECTS,
        SceneObject(2, "Chair", "#ff0000"),
        SceneObject(3, "Table", "#00ff00", visible=False),
        SceneObject(LAST_ID, "Lamp", "#0000ff"),
    )
    show(renderer, row(object_id=(2, 3, LAST_ID, 0)), palette(things))
    own = colors(renderer, BARE)
    chair, table, lamp, background = colors(renderer, OBJECTS)
    np.testing.assert_allclose(hue(chair), (1, 0, 0), atol=0.02)
    np.testing.assert_allclose(hue(lamp), (0, 0, 1), atol=0.02)
    np.testing.assert_allclose(table, own[1], atol=0.01)  # hidden: its own colours
    np.testing.assert_allclose(background, 0.35 * own[3], atol=0.03)


@pytest.mark.parametrize("stranger", [-3, 7, 255, 100_000])
def test_ids_of_no_object_do_no_harm(renderer: Renderer, stranger: int) -> None:
    show(renderer, row(object_id=(stranger, 0, 0, 0)))
    first, *_ = colors(renderer, OBJECTS)
    if 0 <= stranger < 256:
        np.testing.assert_allclose(hue(first), hue(rgb(color_of(stranger))), atol=0.03)
    else:
        assert np.ptp(first) < 0.1


def test_light_and_dark_stay_to_be_seen(renderer: Renderer) -> None:
    bright = replace(row(object_id=(2, 2, 2, 2)), sh=row().sh + 0.8)
    show(renderer, bright)
    light = colors(renderer, OBJECTS)[0]
    show(renderer, row(object_id=(2, 2, 2, 2)))
    assert (light > colors(renderer, OBJECTS)[0] + 0.05).all()


def test_splats_tell_where_they_come_from(renderer: Renderer) -> None:
    kinds = (Origin.OBSERVED, Origin.OBSERVED, Origin.REGULARISED, Origin.FILLED)
    show(renderer, row(origin=kinds, confidence=(0.999, 0.0, 0.0, 0.0)))
    expected = (WELL, HARDLY, ONE_PHOTO, FILLED)
    for found, color in zip(colors(renderer, ORIGINS), expected, strict=True):
        np.testing.assert_allclose(hue(found), hue(color), atol=0.06)
    show(renderer, row())
    np.testing.assert_allclose(hue(colors(renderer, ORIGINS)[0]), hue(UNJUDGED), atol=0.3)


def test_what_was_filled_can_be_hidden(renderer: Renderer) -> None:
    splats = row(origin=(Origin.FILLED, Origin.OBSERVED, Origin.REGULARISED, Origin.FILLED))
    without = replace(BARE, filled=False)
    show(renderer, splats)
    left = colors(renderer, BARE)[0]
    assert left.min() > 0.3
    drawn = draw(renderer, eye(), without)
    x = round(120 + 200 * PLACES[0] / 3)
    assert renderer.depth_at(x, 40) is None
    assert renderer.depth_at(round(120 + 200 * PLACES[1] / 3), 40) == pytest.approx(2.8, abs=0.1)
    rest = splats.origin != Origin.FILLED
    names = SplatArrays.__dataclass_fields__
    show(renderer, SplatArrays(**{name: getattr(splats, name)[rest] for name in names}))
    assert (draw(renderer, eye()) == drawn).all()
    show(renderer, splats)
    draw(renderer, eye())
    assert renderer.depth_at(x, 40) == pytest.approx(2.8, abs=0.1)


def test_the_legend_tells_of_what_is_there() -> None:
    there = State(content=row(object_id=(0, 1, 7, 7)))
    told = [entry.words for entry in legend(Shading.OBJECTS, there)]
    assert told == ["Background", "Floor", "Object 7"]
    assert [e.color for e in legend(Shading.OBJECTS, there)][1:] == ["#3fb8a0", color_of(7)]
    assert legend(Shading.COLOR, there) == ()
    assert legend(Shading.OBJECTS, State()) == ()
    many = State(content=replace(row(), object_id=np.arange(1600, dtype=np.int32) % 30))
    entries = legend(Shading.OBJECTS, many)
    assert len(entries) == MOST
    assert entries[-1].words == f"and {30 - MOST + 1} more"


def test_the_legend_says_when_nothing_was_judged() -> None:
    judged = State(content=row(confidence=(0.5, 0.5, 0.5, 0.5)))
    assert len(legend(Shading.ORIGIN, judged)) == 4
    assert "Not judged" in legend(Shading.ORIGIN, State(content=row()))[-1].words


def test_the_plate_shows_each_colour_and_hides_without_any(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(400, 300)
    plate = LegendPlate(parent)
    parent.show()
    plate.show_entries(
        (Entry("#ff0000", "Chair"), Entry("#00ff00", "A table " * 20), Entry("", "and more"))
    )
    assert plate.isVisible()
    assert plate.width() <= WIDEST
    assert "Chair" in plate.accessibleName()
    image = plate.grab().toImage()
    shown = {image.pixelColor(x, y).name() for x in range(20) for y in range(image.height())}
    assert {"#ff0000", "#00ff00"} <= shown
    plate.show_entries(())
    assert not plate.isVisible()


def test_no_word_of_the_plate_is_cut_short(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(600, 300)
    parent.setStyleSheet("* { font-size: 15px }")
    plate = LegendPlate(parent)
    unjudged = State(content=row(object_id=(0, 1, 7, 7)))
    for shading in (Shading.OBJECTS, Shading.ORIGIN):
        plate.show_entries(())
        plate.show_entries(legend(shading, unjudged))
        parent.show()
        assert plate.shown_words() == tuple(entry.words for entry in plate.entries)
    parent.setStyleSheet("* { font-size: 16px }")
    qtbot.waitUntil(lambda: plate.fontInfo().pixelSize() == 16)
    assert plate.shown_words() == tuple(entry.words for entry in plate.entries)
