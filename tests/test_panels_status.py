"""The words for what became of each photo."""

from dataclasses import replace

import pytest

from tests.panel_state import capture, photo, placed, reconstruction, state

pytest.importorskip("PySide6.QtCore", exc_type=ImportError)

from core.capture.photos import Capture, LeftOut
from core.capture.reconstruction import Verdict
from core.scene.document import State
from widgets.panels.photo_status import (
    ROLES,
    PhotoStatus,
    Standing,
    header,
    photo_status,
    photo_statuses,
)

NAME = "p1.jpg"
PLAIN, COPY = photo(NAME), photo(NAME, duplicate_of="p0.jpg")
BLURRED = photo(NAME, blurred=True)
MISSED = reconstruction(Verdict(NAME, False, "Shares only 22 matches with p0.jpg; take more."))
EMPTY = reconstruction(Verdict(NAME, False, "EXIF is broken."))
TABLE = [
    (PLAIN, {}, Standing.WAITING, "ready"),
    (COPY, {}, Standing.DUPLICATE, "duplicate of p0.jpg"),
    (BLURRED, {}, Standing.BLURRED, "blurred"),
    (PLAIN, {"excluded": [NAME]}, Standing.EXCLUDED, "excluded"),
    (PLAIN, {"excluded": [NAME], "held_out": [NAME]}, Standing.EXCLUDED, "excluded"),
    (PLAIN, {"held_out": [NAME]}, Standing.HELD_OUT, "to be held out"),
    (PLAIN, {"reconstruction": placed(NAME)}, Standing.PLACED, "placed"),
    (BLURRED, {"reconstruction": placed(NAME)}, Standing.PLACED, "placed, though blurred"),
    (COPY, {"reconstruction": placed(NAME)}, Standing.PLACED, "placed"),
    (
        PLAIN,
        {"reconstruction": placed(NAME), "held_out": [NAME]},
        Standing.HELD_OUT,
        "held out for testing",
    ),
    (
        PLAIN,
        {"reconstruction": placed(NAME), "excluded": [NAME]},
        Standing.EXCLUDED,
        "excluded",
    ),
    (
        PLAIN,
        {"reconstruction": MISSED},
        Standing.NOT_PLACED,
        "not placed: shares only 22 matches with p0.jpg",
    ),
    (PLAIN, {"reconstruction": EMPTY}, Standing.NOT_PLACED, "not placed: EXIF is broken"),
    (BLURRED, {"reconstruction": MISSED}, Standing.BLURRED, "not placed: blurred"),
    (COPY, {"reconstruction": MISSED}, Standing.DUPLICATE, "duplicate of p0.jpg"),
    (
        PLAIN,
        {"reconstruction": MISSED, "held_out": [NAME]},
        Standing.NOT_PLACED,
        "held out, but not placed: shares only 22 matches with p0.jpg",
    ),
    (PLAIN, {"reconstruction": placed("p0.jpg")}, Standing.WAITING, "new, not placed yet"),
]


@pytest.mark.parametrize(("shown", "parts", "standing", "words"), TABLE)
def test_status(shown: object, parts: dict[str, object], standing: Standing, words: str) -> None:
    there = state(Capture((photo("p0.jpg"), shown)), **parts)
    status = photo_status(there, NAME)
    assert (status.standing, status.words) == (standing, words)


def test_every_standing_is_met_and_has_a_colour() -> None:
    met = {standing for _, _, standing, _ in TABLE} | {Standing.LEFT_OUT}
    assert met == set(Standing) == set(ROLES)


def test_places_without_verdicts_are_places() -> None:
    there = state(reconstruction=replace(placed(NAME), verdicts=()))
    assert photo_status(there, NAME) == PhotoStatus(Standing.PLACED, "placed")


def test_files_left_out_come_last_and_say_why() -> None:
    files = (LeftOut("a.dng", "DNG files are not read; save it as JPEG."), LeftOut("p0.jpg", "?"))
    statuses = photo_statuses(state(capture(2, files)))
    assert list(statuses) == ["p0.jpg", "p1.jpg", "a.dng"]
    assert statuses["a.dng"].words == "left out: DNG files are not read"
    assert statuses["a.dng"].detail == "DNG files are not read; save it as JPEG."
    assert statuses["p0.jpg"].standing is Standing.WAITING


def test_unknown_photos_have_none() -> None:
    with pytest.raises(KeyError):
        photo_status(state(), "nowhere.jpg")
    assert photo_statuses(State()) == {}


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (State(), "No photos yet"),
        (state(capture(0)), "No photos yet"),
        (state(capture(1)), "1 photo"),
        (state(capture(12)), "12 photos"),
        (state(capture(3), reconstruction=placed("p0.jpg", "p2.jpg")), "3 photos, 2 placed"),
        (
            state(capture(3), reconstruction=placed("p0.jpg", "gone.jpg"), excluded=["p1.jpg"]),
            "3 photos, 1 placed, 1 excluded",
        ),
    ],
)
def test_header(there: State, words: str) -> None:
    assert header(there) == words
