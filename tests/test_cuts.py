"""What is erased, split off and given to other objects: by regions and rules, in order."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.export.job import Material, uncut
from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from core.geometry.pose import Pose
from core.project.layout_file import layout_from_json, layout_to_json
from core.project.versions import newest
from core.scene.compose import compose
from core.scene.cut_edits import Give, Merge, Split, stand_alike
from core.scene.cuts import Relabel, applied, cut, relabelled
from core.scene.edits import Edit
from core.scene.floaters import floater_scores, likely_floaters
from core.scene.layout import Layout
from core.scene.layout_edits import Duplicate, Erase, Move, SetVisible
from core.scene.plan import Plan
from core.scene.regions import (
    Balls,
    Box,
    Chosen,
    Floaters,
    How,
    Prism,
    everything,
    reversed_in,
    rows_in,
)
from tests.layouts import replayed
from tests.scenes import cloud

ASIDE = Pose(np.eye(3), np.array([2.0, 0.0, 0.0]))
BOX = Box((0.0, 0.0, 4.0), (0.4, 9.0, 9.0))
LEFT = Box((-9.0, 0.0, 4.0), (9.0, 9.0, 9.0))


def scene(count: int = 600) -> SplatArrays:
    """Rows of the objects 0, 2 and 3 in turns."""
    splats = SplatArrays.from_gaussians(cloud(count, seed=5))
    return replace(splats, object_id=np.array([0, 2, 3], np.int32)[np.arange(count) % 3])


def points(splats: SplatArrays) -> np.ndarray:
    return splats.means.astype(np.float64)


def test_an_outline_holds_what_is_seen_within_it() -> None:
    splats = scene()
    camera = ((300.0, 0.0, 160.0, 0.0), (0.0, 300.0, 120.0, 0.0), (0.0, 0.0, 1.0, 0.0))
    square = ((120.0, 100.0), (200.0, 100.0), (200.0, 160.0), (120.0, 160.0))
    found = Prism(camera, square).holds(points(splats))
    seen = points(splats) @ np.array(camera)[:, :3].T
    u, v = seen[:, 0] / seen[:, 2], seen[:, 1] / seen[:, 2]
    inside = (seen[:, 2] > 0) & (abs(u - 160) < 40) & (abs(v - 130) < 30)
    assert 10 < inside.sum() < len(splats) - 10
    assert np.array_equal(found, inside)
    assert np.array_equal(Prism(camera, square[::-1]).holds(points(splats)), inside)
    twice = Prism(camera, (*square, *square))
    assert np.array_equal(twice.holds(points(splats)), inside)
    behind = points(splats) * (1, 1, -1)
    assert not Prism(camera, square).holds(behind).any()
    assert not Prism(camera, square[:2]).holds(points(splats)).any()


def test_a_star_is_whole_inside() -> None:
    corners = [(np.sin(4 * np.pi * k / 5), np.cos(4 * np.pi * k / 5)) for k in range(5)]
    camera = ((1.0, 0, 0, 0), (0, 1.0, 0, 0), (0, 0, 0, 1.0))  # parallel rays along z
    star = Prism(camera, tuple(corners))
    at = np.array([[0.0, 0, 7], [0.0, 0.9, -3], [0.5, 0.75, 0], [0.0, -0.6, 0]])
    assert star.holds(at).tolist() == [True, True, False, False]


def test_balls_hold_what_is_nearer_than_their_radii() -> None:
    chance, at = np.random.default_rng(1), points(scene())
    centres = at[chance.integers(0, len(at), 40)] + chance.normal(0, 0.1, (40, 3))
    radii = chance.uniform(0.0, 0.4, 40)
    balls = Balls(tuple(map(tuple, centres.tolist())), tuple(radii.tolist()))
    away = np.linalg.norm(at[:, None] - centres, axis=2)
    inside = (away < radii).any(axis=1)
    assert 20 < inside.sum() < len(at) - 20
    assert np.array_equal(balls.holds(at), inside)
    assert not Balls((), ()).holds(at).any()


def test_choices_are_those_of_sets() -> None:
    splats = scene()
    ids = splats.object_id
    ball = Balls(((0.0, 0.0, 4.0),), (1.0,))
    a, b = rows_in(BOX, splats, ids), rows_in(ball, splats, ids)
    assert (a & b).any()
    assert (a ^ b).any()
    for how, both in ((How.ADD, a | b), (How.TAKE, a & ~b), (How.CUT, a & b)):
        chosen = Chosen(((How.ADD, BOX), (how, ball)))
        assert np.array_equal(rows_in(chosen, splats, ids), both)
    of_two = frozenset({2})
    rest = rows_in(reversed_in(BOX, of_two), splats, ids)
    assert np.array_equal(rest, ~a & (ids == 2))
    assert rows_in(everything(), splats, ids).all()
    outside = replace(ball, outside=True)
    assert np.array_equal(rows_in(outside, splats, ids), ~b)


def test_what_was_erased_of_a_thing_stays_so_in_whatever_it_becomes() -> None:
    """And nothing of the other goes, though it lies in the same place."""
    splats = scene()
    of_two = Balls(((0.0, 0.0, 4.0),), (0.8,), frozenset({2}))
    gone = rows_in(of_two, splats, splats.object_id)
    for edit in (Split(LEFT, (2,), "Part", 4), Give(LEFT, (2,), 3), Merge((2,), 3)):
        ids, erased = applied(splats, replayed([Erase(of_two), edit]).cuts)
        assert np.array_equal(erased, gone)
        moved = rows_in(everything() if isinstance(edit, Merge) else LEFT, splats, ids)
        moved &= splats.object_id == 2
        assert (ids[moved] != 2).all()
        assert np.array_equal(ids[~moved], splats.object_id[~moved])
    # The other way about, it is gone from what it has become.
    _, erased = applied(splats, replayed([Merge((3,), 2), Erase(of_two)]).cuts)
    assert np.array_equal(erased, of_two.holds(points(splats)) & (splats.object_id != 0))


@pytest.mark.parametrize("where", [[], [Move({2: ASIDE})], [Duplicate((2,), ASIDE)],
                                   [Move({2: ASIDE}), Duplicate((2,), ASIDE)],
                                   [Duplicate((2,), ASIDE), SetVisible((2,), False)]])  # fmt: skip
def test_a_part_stands_where_it_stood(where: list[Edit]) -> None:
    whole = scene().to_gaussians()
    before = compose(whole, replayed(where))
    layout = replayed([*where, Split(LEFT, (2,), "Part", 4)])
    after = compose(whole, layout)
    assert sorted_points(after).shape == sorted_points(before).shape
    np.testing.assert_allclose(sorted_points(after), sorted_points(before), atol=1e-5)
    assert set(after.object_id.tolist()) == {0, 2, 3, 4}


def sorted_points(gaussians: Gaussians) -> np.ndarray:
    means = gaussians.means.numpy().round(4)
    return means[np.lexsort(means.T)]


def test_a_part_is_an_object_with_a_name_and_undone_in_one_step() -> None:
    plan = Split(LEFT, (2,), "Leg").apply(Plan())
    (new,) = [each for each in plan.masks.objects if each.name == "Leg"]
    assert plan.layout.cuts == (Relabel(LEFT, frozenset({2}), new.id),)
    again = Split(LEFT, (2,), "Leg").apply(plan)
    assert again.masks.objects[-1].id == new.id + 1
    assert Split(LEFT, (), "Leg").apply(plan) is plan
    assert Give(LEFT, (3,), 3).apply(plan) is plan


def test_things_that_stand_elsewhere_are_told() -> None:
    assert stand_alike(Layout(), (2, 3))
    assert stand_alike(replayed([Move({2: ASIDE})]), (2, 2))
    assert not stand_alike(replayed([Move({2: ASIDE})]), (2, 3))
    assert not stand_alike(replayed([Duplicate((3,), ASIDE)]), (2, 3))


def test_a_rule_finds_the_floaters_of_whatever_there_is() -> None:
    splats = scene()
    more = replace(splats, means=splats.means + (np.arange(600) == 7)[:, None] * np.float32(30))
    layout = replayed([Erase(Floaters(0.5))])
    for each in (splats, more):
        _, gone = applied(each, layout.cuts)
        assert np.array_equal(gone, likely_floaters(floater_scores(each), 0.5))
    assert gone[7]
    _, gone = applied(more, replayed([Erase(Floaters(0.5, frozenset({3})))]).cuts)
    assert not gone[7]  # it is object 2's


def test_the_same_is_made_once_and_what_is_whole_stays_itself() -> None:
    splats = scene()
    cuts = replayed([Erase(BOX), Split(LEFT, (2,), "Part", 4)]).cuts
    assert relabelled(splats, cuts) is relabelled(splats, cuts)
    assert relabelled(splats, cuts[:1]) is splats
    gaussians = splats.to_gaussians()
    assert cut(gaussians, ()) is gaussians
    kept = uncut(Material(gaussians, replayed([Erase(BOX), Move({2: ASIDE})])))
    assert len(kept.gaussians) == (~BOX.holds(points(splats))).sum()
    assert kept.layout.placement(2).pose.translation[0] == 2


def test_what_version_3_erased_stays_so() -> None:
    layout = replayed([Erase(Balls(((0.0, 1.0, 2.0),), (0.5,))), Erase(BOX)])
    old = json.loads(json.dumps(layout_to_json(layout)))
    old["erased"] = [each["region"] for each in old.pop("cuts")]
    del old["erased"][0]["outside"]
    read = newest({"version": 3, "layout": old}, Path("old.maquette") / "manifest.json")
    assert layout_from_json(read["layout"]) == layout
