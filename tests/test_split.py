"""Which photos train and which test."""

import pytest

from core.errors import UserError
from core.pipeline.split import Choice, Split, check_choice, evenly, picture_names, split

NAMES = [f"IMG_{i:02d}.jpg" for i in range(20)]


def test_all_train_where_nothing_is_asked() -> None:
    assert split(NAMES[::-1], NAMES, Choice()) == Split(tuple(NAMES), ())


@pytest.mark.parametrize("k", [2, 3, 8, 19, 20, 50])
def test_every_kth_from_the_first(k: int) -> None:
    parts = split(NAMES, NAMES, Choice(test_every=k))
    assert parts.test == tuple(NAMES[::k])
    assert sorted(parts.train + parts.test) == NAMES


def test_every_kth_counts_placed_photos() -> None:
    placed = [name for name in NAMES if name != "IMG_00.jpg"]
    parts = split(placed, NAMES, Choice(test_every=8))
    assert parts.test == ("IMG_01.jpg", "IMG_09.jpg", "IMG_17.jpg")
    assert parts.not_placed == ()


def test_named_test_photos() -> None:
    parts = split(NAMES[:10], NAMES, Choice(test=("img_03", "IMG_12.jpg")))
    assert parts.test == ("IMG_03.jpg",)
    assert parts.not_placed == ("IMG_12.jpg",)
    assert len(parts.train) == 9


def test_named_training_photos() -> None:
    parts = split(NAMES, NAMES, Choice(test_every=8, train=("IMG_01", "IMG_02")))
    assert parts.train == ("IMG_01.jpg", "IMG_02.jpg")
    assert parts.test == ("IMG_00.jpg", "IMG_08.jpg", "IMG_16.jpg")


@pytest.mark.parametrize("count", [1, 3, 6, 9, 17])
def test_so_many_training_photos(count: int) -> None:
    parts = split(NAMES, NAMES, Choice(test_every=8, num_train=count))
    left = [name for name in NAMES if name not in parts.test]
    assert len(parts.train) == count
    assert not set(parts.train) & set(parts.test)
    assert parts.train[0] == left[0]
    if count > 1:
        assert parts.train[-1] == left[-1]


def test_evenly_is_rounded_linspace() -> None:
    assert evenly(list("abcdefghij"), 4) == ["a", "d", "g", "j"]
    assert evenly(list("abc"), 5) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        pytest.param(Choice(test=("IMG_99",)), "no photo", id="unknown"),
        pytest.param(Choice(test=("IMG_01",), train=("IMG_01.jpg",)), "both", id="on both sides"),
        pytest.param(Choice(test=tuple(NAMES)), "left to train", id="nothing left"),
        pytest.param(Choice(test_every=2, num_train=11), "more than the 10", id="too many"),
    ],
)
def test_what_cannot_be_is_told_before_the_work(choice: Choice, words: str) -> None:
    with pytest.raises(UserError, match=words):
        check_choice(NAMES, choice)


def test_a_name_that_means_two_photos() -> None:
    with pytest.raises(UserError, match="More than one"):
        check_choice(["a.jpg", "a.png", "b.jpg"], Choice(test=("a",)))


def test_pictures_are_named_as_their_photos() -> None:
    names = ["a.jpg", "b.JPG", "b.png", "deep/c.jpg", "other/../c.jpg"]
    pictures = picture_names(names)
    assert pictures["a.jpg"] == "a.png"
    assert pictures["b.JPG"] == "b.JPG.png"
    assert len(set(pictures.values())) == len(names)
    assert not any("/" in picture for picture in pictures.values())
