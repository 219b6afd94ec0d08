"""Prompts: what they settle, that they travel, and that what makes no sense is refused."""

import pickle

import numpy as np
import pytest

from core.segment.marks import painted, settled, signs_of
from core.segment.protocol import Answer, Box, Prompt, Stroke, nothing


def test_a_dab_settles_the_pixels_within_its_radius() -> None:
    stroke = Stroke(np.array([[30.5, 20.5]]), 8.0, True)
    y, x = np.mgrid[:50, :60] + 0.5
    distance = np.hypot(x - 30.5, y - 20.5)
    drawn = painted(stroke, 50, 60)
    assert drawn[distance < 7].all()
    assert not drawn[distance > 9].any()


def test_later_strokes_lie_over_earlier_ones_and_points_over_both() -> None:
    line = np.array([[5.5, 10.5], [35.5, 10.5]])
    across = np.array([[20.5, 0.5], [20.5, 19.5]])
    prompt = Prompt(
        points=np.array([[20.5, 10.5]]),
        foreground=np.array([True]),
        strokes=(Stroke(line, 2, True), Stroke(across, 2, False)),
    )
    signs = signs_of(prompt, 20, 40)
    assert signs[10, 8] == 1
    assert signs[2, 20] == signs[9, 20] == -1
    assert signs[10, 20] == 1


def test_what_was_known_stays_where_nothing_is_drawn_over_it() -> None:
    known = np.zeros((20, 30), np.int8)
    known[3:6, 4:8], known[15:, :] = 1, -1
    assert np.array_equal(signs_of(Prompt(known=known), 20, 30), known)


def test_places_outside_the_photo_say_nothing() -> None:
    prompt = Prompt(np.array([[-1.0, 5], [30, 5], [5, 20]]), np.array([True, True, False]))
    assert not signs_of(prompt, 20, 30).any()


def test_settled_pixels_always_win() -> None:
    random = np.random.default_rng(0)
    mask = random.random((9, 9)) < 0.5
    signs = random.integers(-1, 2, (9, 9)).astype(np.int8)
    both = settled(mask, signs)
    assert both[signs > 0].all()
    assert not both[signs < 0].any()
    assert np.array_equal(both[signs == 0], mask[signs == 0])


def test_prompts_and_answers_travel() -> None:
    prompt = Prompt(box=Box(1, 2, 30, 40)).with_point(4, 5, True).with_point(6, 7, False)
    back = pickle.loads(pickle.dumps(prompt))
    assert back.box == prompt.box
    assert np.array_equal(back.points, [[4, 5], [6, 7]])
    assert back.foreground.tolist() == [True, False]
    assert isinstance(pickle.loads(pickle.dumps(nothing(np.zeros((4, 5, 3), np.uint8)))), Answer)


def test_points_without_signs_are_refused() -> None:
    with pytest.raises(ValueError, match="do not go together"):
        Prompt(points=np.zeros((2, 2)))


def test_an_empty_prompt_shows_nothing() -> None:
    assert Prompt().is_empty
    assert Prompt(known=np.zeros((3, 3), np.int8)).is_empty
    assert not Prompt(box=Box(0, 0, 1, 1)).is_empty
