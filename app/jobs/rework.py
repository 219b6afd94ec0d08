"""Jobs about versions of a scene: pictures of another one, and objects changed by words."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from app.engine.control import Control
from app.jobs.values import DrawnView, WordsWish
from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.progress import Progress
from core.scene.layout import Layout
from core.scene.reworks import Rework, rework_of


def drawn_view(
    control: Control,
    pinhole: Pinhole,
    camera_from_scene: NDArray[np.float64],
    background: tuple[float, float, float],
    layout: Layout,
    splats: SplatArrays,
) -> Iterator[DrawnView]:
    """What `splats`, as `layout` has them, look like through `pinhole`, over `background`."""
    from core.render.rasterize import rasterize  # heavy: only when asked for
    from core.scene.compose import compose

    view = View(pinhole, torch.from_numpy(camera_from_scene))
    with torch.no_grad():
        scene = compose(splats.to_gaussians(), layout)
        color = rasterize(scene, view, background=torch.tensor(background)).color
    yield DrawnView((255 * color.clamp(0, 1)).round().byte().cpu().numpy())


def change_by_words(
    control: Control, wish: WordsWish, splats: SplatArrays
) -> Iterator[Progress | Rework]:
    """Make an object of `splats` what `wish` says; the `Rework` comes last. Raises `UserError`."""
    for step in changed_by_words(splats.to_gaussians(), wish):
        if isinstance(step, Progress):
            yield step
        else:
            changed = SplatArrays.from_gaussians(step)
            yield rework_of(changed, wish.object_id, wish.words)


def changed_by_words(scene: Gaussians, wish: WordsWish) -> Iterator[Progress | Gaussians]:
    """`scene` with the object changed comes last. Raises `UserError`."""
    from core.prior.backends.teacher import load_teacher  # heavy: only when asked for
    from core.prior.object_distillation import LIGHTING, Prompt
    from core.prior.text_edit import STAGE, TextEditConfig, check_object, edit_by_prompt
    from core.render.devices import choose_device

    check_object(scene, wish.object_id)
    yield Progress(STAGE, 0, 0, "loading the network")
    device = choose_device(wish.device).name
    prompt = Prompt(wish.shape or wish.words, wish.words)
    texts = tuple(dict.fromkeys((prompt.shape, prompt.look, LIGHTING, "")))
    teacher = load_teacher(wish.place, texts, device=device)
    config = TextEditConfig(iterations=wish.iterations)
    if wish.keep_shape:
        config = replace(config, shapes=0.0)
    steps = edit_by_prompt(
        scene.to(device), wish.object_id, teacher, prompt, config, seed=wish.seed
    )
    while True:
        try:
            yield next(steps)
        except StopIteration as end:
            yield end.value.to("cpu")
            return
