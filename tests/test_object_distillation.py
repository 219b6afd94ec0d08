"""Distillation in training: hostile networks change what no photo saw, and nothing else."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole
from core.geometry.sh import sh_from_color
from core.prior.distill import Teacher
from core.prior.object_distillation import DistillConfig, ObjectDistillation, Prompt
from core.prior.sampler import Conditions, Denoiser, Prediction
from core.prior.schedules import scaled_linear
from core.prior.view_weights import Blend, ViewWeights
from core.prior.visibility import sight
from core.render.rasterize import rasterize
from core.train.losses import psnr
from core.train.optimizer import Adam
from core.train.schedule import TrainConfig, rates_at
from core.train.steps import Snapshot
from core.train.terms import Manner, Term
from core.train.trainer import train
from tests.prior_scenes import looking, photographed, screen, sheet

WALL, SCREEN = 1, 2
PHOTO = looking((0, 0.5, -1), (0, 0.5, 4), Pinhole(64, 48, 40.0, 40.0, 32.0, 24.0))
BESIDE = looking((2.2, 0.8, 0.5), (-0.5, 0.2, 4), PHOTO.camera)
COLUMNS = ("means", "quats", "log_scales", "logit_opacity", "sh")
MANNER = Manner(sh_degree=0, background=torch.zeros(3), probe=True)
PROMPTS = {WALL: Prompt("a wall", "a red wall"), SCREEN: Prompt("a screen", "a red screen")}
SCALE = 2.0  # guidance; the networks here heed no words


def box_room() -> Gaussians:
    """A back wall with a screen before it, as objects, and a floor."""
    wall = sheet((-2.5, 2, 4), (5, 0, 0), (0, -3, 0), 0.18)
    floor = sheet((-2.5, -1, 0), (5, 0, 0), (0, 0, 4))
    parts = [(wall, WALL), (screen(), SCREEN), (floor, 0)]
    parts = [(replace(p, object_id=torch.full((len(p),), id_)), id_) for p, id_ in parts]
    return parts[0][0].followed_by(parts[1][0]).followed_by(parts[2][0])


def hostile(channels: Tensor) -> Teacher:
    """Knows but one picture, and it is all of one colour, or shape: `channels` [C]."""

    def network(noisy: Tensor, time: float, conditions: Conditions) -> Tensor:
        wanted = channels[:, None, None] if noisy.shape[1] == len(channels) else 0 * noisy
        return wanted.expand_as(noisy)

    denoiser = Denoiser(network, scaled_linear(), Prediction.PICTURE)
    return Teacher(denoiser, lambda prompt: {"text": torch.zeros(1, 1, 1)}, latent=32, picture=32)


RED = hostile(torch.tensor([1.0, -1.0, -1.0]))
ASKEW = hostile(torch.tensor([0.9, 0.9, 0.0, 1.0]))
LOOKS = DistillConfig(shape=0.0, begin=0.0, paint=0.0, guidance=SCALE, pixels=48)
SHAPES = DistillConfig(look=0.0, begin=0.0, paint=1.0, guidance=SCALE, pixels=48)


def term(teacher: Teacher, config: DistillConfig) -> ObjectDistillation:
    return ObjectDistillation(teacher, [PHOTO], PROMPTS, config)


def trained(*terms: Term, iterations: int = 120) -> Gaussians:
    config = TrainConfig(
        iterations=iterations,
        sh_degree=0,
        snapshot_seconds=1e9,
        grow_until=0.0,
        prune_opacity=0.0,  # so that rows stay the same
        coarse=(),
    )
    start = box_room()
    noise = torch.randn(start.sh.shape, generator=torch.Generator().manual_seed(0))
    start = replace(start, sh=start.sh + 0.3 * noise)
    *_, last = train(start, [PHOTO], photographed(box_room(), [PHOTO]), config, terms=terms)
    assert isinstance(last, Snapshot)
    return last.gaussians


def psnr_of_photo(scene: Gaussians) -> float:
    return psnr(rasterize(scene, PHOTO).color, rasterize(box_room(), PHOTO).color)


def same(one: Gaussians, other: Gaussians, columns: tuple[str, ...] = COLUMNS) -> bool:
    return all(torch.equal(getattr(one, name), getattr(other, name)) for name in columns)


@pytest.fixture(scope="module")
def alone() -> Gaussians:
    return trained()


@pytest.fixture(scope="module")
def painted_red() -> Gaussians:
    return trained(term(RED, LOOKS))


def hidden_part() -> Tensor:
    """[H, W] from beside: the wall in the middle of the screen's shadow."""
    scene = box_room()
    blank = sh_from_color(torch.zeros(len(scene), 3))[:, None]
    dark = (sight(scene, [PHOTO]).visible < 0.01) & (scene.object_id == WALL)
    lit = sh_from_color(dark.float()[:, None].expand(-1, 3))[:, None]
    return (
        rasterize(replace(scene, sh=torch.where(dark[:, None, None], lit, blank)), BESIDE).color[
            ..., 0
        ]
        > 0.9
    )


def redness(scene: Gaussians, where: Tensor) -> float:
    """How much more red than anything else there is, from beside."""
    red, green, blue = rasterize(scene, BESIDE).color[where].mean(dim=0).tolist()
    return float(red - (green + blue) / 2)


def test_wrong_colours_go_where_no_photo_saw_and_nowhere_else(
    alone: Gaussians, painted_red: Gaussians
) -> None:
    assert psnr_of_photo(painted_red) > psnr_of_photo(alone) - 0.1
    hidden = hidden_part()
    assert int(hidden.sum()) > 20
    assert redness(painted_red, hidden) > redness(alone, hidden) + 0.1


def test_wrong_shapes_are_kept_from_what_photos_saw(alone: Gaussians) -> None:
    bent = trained(term(ASKEW, replace(SHAPES, shape=1e-3)))
    hidden = (sight(box_room(), [PHOTO]).visible < 0.01) & (box_room().object_id == WALL)
    # Two trainings that differ by a hair are 1 dB apart at 48 dB.
    assert psnr_of_photo(bent) > psnr_of_photo(alone) - 2
    assert float((bent.quats - alone.quats)[hidden].norm(dim=1).median()) > 0.1


@pytest.mark.parametrize("wanted", [(0.9, 0.9, 0.0, 1.0), (-0.9, 0.3, 0.9, -1.0)])
def test_hostile_shapes_change_hidden_pixels_only(wanted: tuple[float, ...]) -> None:
    scene, distillation = box_room(), term(hostile(torch.tensor(wanted)), SHAPES)
    adam = Adam({name: getattr(scene, name) for name in COLUMNS})
    rates = rates_at(0.0, 4.0, TrainConfig(sh_degree=0), 5.0)
    for k in range(150):
        added = distillation.added(Gaussians(**adam.columns, **scene.marks()), k / 150, MANNER)
        assert added is not None
        added.loss.backward()  # type: ignore[no-untyped-call]
        adam.step(rates)
        distillation.after(adam.columns)
    bent = Gaussians(**adam.columns, **scene.marks()).detached()
    change = rasterize(bent, PHOTO).color - rasterize(scene, PHOTO).color
    assert float(change.abs().max()) < 1 / 255
    hidden = rasterize(bent, BESIDE).color - rasterize(scene, BESIDE).color
    assert float(hidden.abs().max()) > 0.05


def test_rows_that_came_since_it_last_looked_are_left_alone() -> None:
    distillation, scene = term(ASKEW, SHAPES), box_room()
    assert distillation.added(scene, 0.5, MANNER) is not None
    fewer = scene.rows(torch.arange(len(scene) - 100, len(scene)))
    assert distillation.added(fewer, 1.0, MANNER) is None  # it has nothing to say of looks
    columns = {name: getattr(fewer, name) + 1 for name in COLUMNS}
    before = {name: column.clone() for name, column in columns.items()}
    distillation.after(columns)
    assert all(torch.equal(columns[name], before[name]) for name in COLUMNS)


def moved(teacher: Teacher, config: DistillConfig, steps: int = 6) -> dict[str, Tensor]:
    """Summed sizes of the gradient of each column's rows, without any photo."""
    scene = box_room()
    leaves = {name: getattr(scene, name).clone().requires_grad_() for name in COLUMNS}
    scene = replace(scene, **leaves)
    distillation = term(teacher, config)
    for k in range(steps):
        added = distillation.added(scene, k / steps, MANNER)
        assert added is not None
        assert added.render.means2d is None
        added.loss.backward()  # type: ignore[no-untyped-call]
    return {
        name: leaf.grad.reshape(len(scene), -1).norm(dim=1)
        for name, leaf in leaves.items()
        if leaf.grad is not None
    }


@pytest.mark.parametrize("looks", [True, False], ids=["looks", "shapes"])
def test_the_pull_is_at_what_was_hidden(looks: bool) -> None:
    found = moved(RED, LOOKS) if looks else moved(ASKEW, SHAPES)
    scene, visible = box_room(), sight(box_room(), [PHOTO]).visible
    assert set(found) == ({"sh"} if looks else {"means", "quats", "log_scales", "logit_opacity"})
    hidden = (visible < 0.01) & (scene.object_id == WALL)
    seen = (visible > 0.99) & (scene.object_id > 0)
    for gradient in found.values():
        assert not gradient[scene.object_id == 0].any()
        assert float(gradient[seen].mean()) < 0.03 * float(gradient[hidden].mean())


def test_without_weights_of_what_was_seen_all_is_pulled() -> None:
    gradient = moved(RED, replace(LOOKS, weights=None))["sh"]
    visible = sight(box_room(), [PHOTO]).visible
    seen = (visible > 0.99) & (box_room().object_id > 0)
    assert float(gradient[seen].mean()) > 0.1 * float(gradient[visible < 0.01].mean())


def test_shared_weights_hold_what_was_seen_where_it_was() -> None:
    config = replace(LOOKS, look=1e-6, weights=ViewWeights(Blend.SHARED))
    distillation, scene = term(RED, config), box_room()
    first = distillation.added(scene, 0.5, MANNER)
    assert first is not None
    assert float(first.loss) < 1e-2  # nothing has changed yet
    changed = replace(scene, sh=(scene.sh + 0.5).requires_grad_())
    for _ in range(2):
        later = distillation.added(changed, 0.5, MANNER)
        assert later is not None
        later.loss.backward()  # type: ignore[no-untyped-call]
    assert changed.sh.grad is not None
    pull = changed.sh.grad[:, 0].mean(dim=1)
    visible = sight(box_room(), [PHOTO]).visible
    seen, hidden = visible > 0.99, visible < 0.01
    objects = scene.object_id > 0
    assert float((pull[seen & objects] > 0).float().mean()) > 0.8  # back to where it was
    assert float(pull[hidden & objects].abs().mean()) < 0.1 * float(pull[seen & objects].mean())


@pytest.mark.parametrize(
    "config",
    [replace(LOOKS, look=0.0), replace(SHAPES, shape=0.0), replace(LOOKS, begin=2.0)],
    ids=["no looks", "no shapes", "never"],
)
def test_with_no_weight_nothing_changes_to_the_bit(config: DistillConfig) -> None:
    silent = term(RED, config)
    assert same(trained(iterations=5), trained(silent, iterations=5))


def test_one_seed_one_scene() -> None:
    one, other = (trained(term(ASKEW, SHAPES), iterations=4) for _ in range(2))
    assert same(one, other)
    assert not same(one, trained(iterations=4))


def test_objects_take_turns_and_the_background_is_not_painted() -> None:
    asked: list[str] = []

    def words(prompt: str) -> Conditions:
        asked.append(prompt)
        return {"text": torch.zeros(1, 1, 1)}

    prompts = {0: Prompt("a room", "a red room"), **PROMPTS, 7: Prompt("nothing", "nothing")}
    config = DistillConfig(begin=0.25, paint=0.5, pixels=32, guidance=SCALE)
    turns = ObjectDistillation(replace(RED, words=words), [PHOTO], prompts, config)
    assert turns.added(box_room(), 0.2, MANNER) is None
    for _ in range(4):
        turns.added(box_room(), 0.3, MANNER)
    assert asked[::2] == ["a room", "a wall", "a screen", "a room"]
    assert set(asked[1::2]) == {""}
    asked.clear()
    for _ in range(4):
        turns.added(box_room(), 0.6, MANNER)
    assert sorted(asked[::2]) == ["a red screen"] * 2 + ["a red wall"] * 2
    assert set(asked[1::2]) == {config.negative}


def test_what_was_seen_is_looked_at_again_when_rows_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted: list[int] = []
    look: Callable[..., object] = sight

    def counting(scene: Gaussians, views: object) -> object:
        counted.append(len(scene))
        return look(scene, views)

    monkeypatch.setattr("core.prior.object_distillation.sight", counting)
    distillation = term(RED, replace(LOOKS, refresh=3, pixels=32))
    scene = box_room()
    for _ in range(5):
        distillation.added(scene, 0.5, MANNER)
    assert len(counted) == 2
    distillation.added(scene.rows(torch.arange(len(scene) - 1)), 0.5, MANNER)
    assert counted[2:] == [len(scene) - 1]
