"""Edits: what each makes of a plan, and what a plan uses."""

from pathlib import Path

from core.capture.photos import Capture, LeftOut, Photo, Quality
from core.pipeline.settings import PRESETS, Preset
from core.pipeline.split import Choice
from core.scene.edits import (
    AddPhotos,
    ChangeSettings,
    Edit,
    RemovePhotos,
    SetHeldOut,
    SetIncluded,
)
from core.scene.plan import Plan, choice, names, used

QUICK, BEST = PRESETS[Preset.QUICK], PRESETS[Preset.BEST]


def photo(name: str, folder: str = "walk", duplicate_of: str | None = None) -> Photo:
    quality = Quality(0.5, 0.5, 0.0, duplicate_of)
    return Photo(name, Path("/", folder, name), 640, 480, None, "", quality)


def capture(*names: str, folder: str = "walk") -> Capture:
    return Capture(tuple(photo(name, folder) for name in names))


START = Plan(capture("a.jpg", "b.jpg", "c.jpg"), frozenset({"b.jpg"}), frozenset({"c.jpg"}))
EDITS: list[Edit] = [
    AddPhotos(capture("d.jpg", "e.jpg")),
    RemovePhotos(("b.jpg", "c.jpg")),
    SetIncluded(("a.jpg",), False),
    SetIncluded(("b.jpg",), True),
    SetHeldOut(("a.jpg", "b.jpg"), True),
    SetHeldOut(("c.jpg",), False),
    ChangeSettings(QUICK),
    ChangeSettings(BEST, "Choose best"),
]


def test_added_photos_join_those_there() -> None:
    left = LeftOut("notes.txt", "it is no picture")
    more = Capture((photo("0.jpg"), photo("a.jpg"), photo("b.jpg", "other")), (left,))
    plan = AddPhotos(more).apply(AddPhotos(more).apply(START))
    # "a.jpg" is the same file; "b.jpg" is another of the same name.
    assert names(plan) == ("0.jpg", "a.jpg", "b.jpg", "c.jpg", "other-b.jpg")
    assert plan.capture is not None
    assert plan.capture.left_out == (left,)
    assert (plan.excluded, plan.held_out) == (START.excluded, START.held_out)
    by_name = {p.name: p.path for p in plan.capture.photos}
    assert by_name["b.jpg"] == Path("/walk/b.jpg")
    assert by_name["other-b.jpg"] == Path("/other/b.jpg")


def test_names_clash_whatever_their_case() -> None:
    plan = AddPhotos(capture("A.JPG", folder="other")).apply(START)
    assert names(plan) == ("a.jpg", "b.jpg", "c.jpg", "other-A.JPG")


def test_duplicates_follow_the_names_of_what_they_repeat() -> None:
    more = Capture(
        (photo("b.jpg", "other"), photo("d.jpg", "other", "b.jpg"), photo("e.jpg", "other"))
    )
    plan = AddPhotos(more).apply(START)
    assert plan.capture is not None
    repeats = {p.name: p.quality.duplicate_of for p in plan.capture.photos}
    assert repeats["d.jpg"] == "other-b.jpg"
    plan = RemovePhotos(("other-b.jpg",)).apply(plan)
    assert plan.capture is not None
    assert all(p.quality.duplicate_of is None for p in plan.capture.photos)


def test_removed_photos_are_neither_excluded_nor_held_out() -> None:
    plan = RemovePhotos(("b.jpg", "c.jpg")).apply(START)
    assert plan == Plan(capture("a.jpg"))


def test_what_a_plan_uses() -> None:
    assert used(Plan()) == Capture(())
    assert [p.name for p in used(START).photos] == ["a.jpg", "c.jpg"]
    assert choice(START) == Choice(test=("c.jpg",))
    assert choice(SetIncluded(("c.jpg",), False).apply(START)) == Choice()


def test_labels_are_words_for_the_menu() -> None:
    assert [edit.label for edit in EDITS] == [
        "Add 2 photos",
        "Remove 2 photos",
        "Exclude a.jpg",
        "Include b.jpg",
        "Hold out 2 photos",
        "Train on c.jpg",
        "Change settings",
        "Choose best",
    ]
