"""One object edited by words, by a network that knows what each word looks like."""

from dataclasses import fields, replace

import pytest
import torch
from torch import Tensor

from core.errors import UserError
from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.prior.distill import Teacher
from core.prior.object_cameras import FILLED, box_of, lens
from core.prior.object_distillation import DistillConfig, Prompt
from core.prior.portraits import shape_portrait
from core.prior.sampler import Conditions, Denoiser, Prediction
from core.prior.schedules import scaled_linear
from core.prior.text_edit import TextEditConfig, edit_by_prompt
from core.render.rasterize import rasterize
from tests.prior_scenes import looking, sheet
from tests.test_portraits import ball
from tests.test_prior_sampler import finished

CUBE, SIDE = 3, 32
BALL = Prompt("a ball", "a red ball")
CONFIG = TextEditConfig(
    iterations=260, shapes=0.7, pace=3.0, distill=DistillConfig(guidance=2.0, pixels=SIDE)
)
WORDS = {"": 0.0, "a ball": 1.0, "a red ball": 2.0}


def cube() -> Gaussians:
    """Six sides, somewhere in the scene."""
    sides = [
        sheet((-1, -1, z), (2, 0, 0), (0, 2, 0), 0.25) for z in (-1, 1)
    ] + [
        sheet((x, -1, -1), (0, 0, 2), (0, 2, 0), 0.25) for x in (-1, 1)
    ] + [
        sheet((-1, y, -1), (2, 0, 0), (0, 0, 2), 0.25) for y in (-1, 1)
    ]  # fmt: skip
    whole = sides[0]
    for side in sides[1:]:
        whole = whole.followed_by(side)
    return replace(
        whole,
        means=whole.means + torch.tensor([2.0, 1.0, -3.0]),
        object_id=torch.full((len(whole),), CUBE),
    )


def room_with_cube() -> Gaussians:
    floor = sheet((-4, 0, -6), (8, 0, 0), (0, 0, 8), 0.5)
    half = len(floor) // 2
    return floor.rows(torch.arange(half)).followed_by(cube()).followed_by(
        floor.rows(torch.arange(half, len(floor)))
    )  # fmt: skip


def known_ball() -> Tensor:
    """[4, SIDE, SIDE]: a ball as the object's cameras see it, which is the same from anywhere."""
    away = 0.9 / 0.388 / FILLED  # the middle of their distances and fields of view
    view = looking((0, 0, away), (0, 0, 0), lens(SIDE, 0.742))
    return shape_portrait(ball(), torch.ones(400), view).picture[0].detach()


def knowing() -> Teacher:
    shape, red = known_ball(), torch.tensor([1.0, -1.0, -1.0])[:, None, None]

    def network(noisy: Tensor, time: float, conditions: Conditions) -> Tensor:
        word = float(conditions["text"].flatten()[0])
        if word == WORDS["a ball"]:
            return shape.expand_as(noisy)
        return (red if word == WORDS["a red ball"] else 0 * noisy).expand_as(noisy)

    def words(prompt: str) -> Conditions:
        return {"text": torch.full((1, 1, 1), WORDS.get(prompt, 0.0))}

    denoiser = Denoiser(network, scaled_linear(), Prediction.PICTURE)
    return Teacher(denoiser, words, latent=SIDE, picture=SIDE)


def silhouette_iou(scene: Gaussians) -> float:
    """With the ball's, from three places around."""
    rows, wanted = scene.rows(scene.object_id == CUBE), known_ball()[3] > 0
    values = []
    for place in ((1.0, 0.2, 0.0), (-0.6, 0.3, 0.8), (0.7, 0.5, 0.7)):
        box = box_of(cube())
        assert box is not None
        away = 0.9 / 0.388 / FILLED * box.half()
        out = torch.nn.functional.normalize(torch.tensor(place, dtype=torch.float64), dim=0)
        middle = box.middle()
        at = tuple((middle + away * out).tolist())
        view = looking(at, tuple(middle.tolist()), lens(SIDE, 0.742))
        seen = rasterize(rows, view).alpha > 0.5
        values.append(float((seen & wanted).sum() / (seen | wanted).sum()))
    return sum(values) / 3


@pytest.fixture(scope="module")
def edited() -> Gaussians:
    return finished(edit_by_prompt(room_with_cube(), CUBE, knowing(), BALL, CONFIG))


def test_a_cube_becomes_a_red_ball(edited: Gaussians) -> None:
    before, after = silhouette_iou(room_with_cube()), silhouette_iou(edited)
    assert after > before + 0.03
    view = looking((6, 2, 1), (2, 1, -3))
    rows = edited.rows(edited.object_id == CUBE)
    render = rasterize(rows, view)
    seen = render.alpha > 0.9
    red = render.color[seen].mean(dim=0)
    assert float(red[0]) > 0.75
    assert float(red[1:].max()) < 0.25
    box = box_of(cube())
    assert box is not None
    assert ((rows.means >= box.low.float()) & (rows.means <= box.high.float())).all()


def test_nothing_else_changes_to_the_bit(edited: Gaussians) -> None:
    scene = room_with_cube()
    others = scene.object_id != CUBE
    for field in fields(Gaussians):
        before, after = getattr(scene, field.name), getattr(edited, field.name)
        assert torch.equal(before[others], after[others]), field.name
    assert torch.equal(scene.object_id, edited.object_id)
    assert (edited.origin[~others] == Origin.FILLED).all()
    assert not edited.confidence[~others].any()


def test_only_looks_leave_the_shape_to_the_bit() -> None:
    scene = room_with_cube()
    config = replace(CONFIG, iterations=6, shapes=0.0)
    found = finished(edit_by_prompt(scene, CUBE, knowing(), BALL, config))
    for name in ("means", "quats", "log_scales", "logit_opacity"):
        assert torch.equal(getattr(scene, name), getattr(found, name))
    assert not torch.equal(scene.sh, found.sh)


def test_one_seed_one_edit_and_the_scene_itself_stays() -> None:
    scene, config = room_with_cube(), replace(CONFIG, iterations=8)
    kept = scene.detached()
    one, same, other = (
        finished(edit_by_prompt(scene, CUBE, knowing(), BALL, config, seed=seed))
        for seed in (1, 1, 2)
    )
    assert torch.equal(one.means, same.means)
    assert not torch.equal(one.means, other.means)
    assert torch.equal(scene.means, kept.means)


def test_it_can_be_stopped_between_two_steps() -> None:
    run = edit_by_prompt(room_with_cube(), CUBE, knowing(), BALL, CONFIG)
    assert [next(run).done for _ in range(3)] == [1, 2, 3]
    run.close()


@pytest.mark.parametrize("id_", [0, 9], ids=["background", "unknown"])
def test_what_is_not_there_cannot_be_edited(id_: int) -> None:
    with pytest.raises(UserError, match="no object"):
        next(edit_by_prompt(room_with_cube(), id_, knowing(), BALL, CONFIG))
