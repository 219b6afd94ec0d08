"""Things move while training goes on and every step makes and removes rows: nothing is lost."""

import random
from dataclasses import replace

import numpy as np
import torch

from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from core.project.layout_file import layout_to_json
from core.scene.compose import compose
from core.scene.cuts import cut
from core.scene.document import Document
from core.scene.edits import Edit
from core.scene.layout import Layout
from core.train.schedule import TrainConfig
from core.train.steps import Snapshot
from core.train.trainer import train
from tests.layouts import replayed, some_edit
from tests.scenes import posed_photos

# Rows come and go in every iteration, and each is shown.
EAGER = TrainConfig(
    iterations=16, grow_from=0.0, grow_until=1.0, grow_every=1, grow_gradient=4e-3,
    prune_opacity=0.05, max_gaussians=3000, snapshot_seconds=0.0, coarse=((0.99, 2),),
    settle_from=1.0,
)  # fmt: skip


def numbered() -> tuple[Gaussians, list[torch.Tensor], list[object]]:
    """A start whose rows belong to the objects, and what it is trained on."""
    truth, photos, views = posed_photos()
    near = truth.means[:, 0].argsort().argsort() * 5 // len(truth)  # slices from left to right
    ids = torch.where(near == 0, 0, near + 1)
    return replace(truth, object_id=ids), photos, list(views)


def test_edits_hold_while_every_step_changes_the_rows() -> None:
    start, photos, views = numbered()
    chance, document, done = random.Random(2), Document(), list[Edit]()
    sizes: set[int] = set()
    shots = 0
    for value in train(start, views, photos, EAGER):  # type: ignore[arg-type]
        if not isinstance(value, Snapshot):
            continue
        shots += 1
        sizes.add(len(value.gaussians))
        before = layout_to_json(document.state.plan.layout)
        edit = some_edit(chance, document.state.plan.layout)
        document.preview(edit)  # a drag is under way while newer rows arrive
        document.show(content=SplatArrays.from_gaussians(value.gaussians))
        document.commit(edit)
        if layout_to_json(document.state.plan.layout) != before:
            done.append(edit)
        if chance.random() < 0.2:
            document.undo()
            done = done[:-1]
        layout = document.state.plan.layout
        assert layout_to_json(layout) == layout_to_json(replayed(done))
        content = document.state.content
        assert isinstance(content, SplatArrays)
        assert len(content) == len(value.gaussians)
        assert_right_rows(content.to_gaussians(), layout)
    assert shots > 14
    assert len(sizes) > 10


def assert_right_rows(gaussians: Gaussians, layout: Layout) -> None:
    """Every copy shows all of its object's rows of now, and no others, where it stands."""
    composed = compose(gaussians, layout)
    gaussians, plain = cut(gaussians, layout.cuts), replace(layout, cuts=())
    ground = plain.ground.scene_from_capture
    expected: list[torch.Tensor] = []
    for object_id in sorted(set(gaussians.object_id.tolist())):
        rows = gaussians.rows(gaussians.object_id == object_id)
        for placement in plain.of_objects((object_id,)):
            if placement.visible and len(rows):
                there = (ground @ placement.pose).apply(rows.means.double().numpy())
                expected.append(torch.from_numpy(there))
    assert_same_points(composed.means, torch.cat(expected))


def assert_same_points(one: torch.Tensor, other: torch.Tensor) -> None:
    assert len(one) == len(other)
    mine, theirs = (np.sort(np.round(each.double().numpy(), 3), axis=0) for each in (one, other))
    np.testing.assert_allclose(mine, theirs, atol=2e-3, rtol=1e-4)
