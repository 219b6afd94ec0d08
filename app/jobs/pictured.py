"""The job that makes an object whole from its picture, by networks of the user's."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from app.engine.control import Control
from core.capture.photos import Photo
from core.capture.reconstruction import PlacedPhoto
from core.errors import UserError
from core.gaussians.arrays import SplatArrays
from core.geometry.pose import Pose
from core.progress import Progress
from core.segment.labels import PhotoMask

if TYPE_CHECKING:
    from core.pictured.whole import Whole
    from core.scene.placing.settle import Shown

LONGEST = 1280  # pixels of the photos that are asked of, as wide as the query has them
FIRST = ("Reading the photos", 0, 0)


def draw_photo(control: Control, words: str, model: str, work: Path) -> "Iterator[Progress | Path]":
    """A picture file below `work` of what `words` say, by the network at `model`; it comes last.

    Raises `UserError`.
    """
    from core.pipeline.drawn import drawn_photo  # heavy: only when asked for
    from core.render.devices import choose_device

    folder = work / f"drawn-{token_hex(4)}"
    folder.mkdir()
    seed = int.from_bytes(folder.name.encode()[-3:])  # another picture each time
    yield from drawn_photo(words, model, folder, seed=seed, device=choose_device("auto").name)


@dataclass(frozen=True, eq=False)
class PicturedWish:
    """The object `object_id`, called `name`, is to be made whole by the network at `maker`.

    `masks` and `photos` by name; `floor`: ids of what is one; `ground`: leads to the frame whose
    floor is at y = 0. `new_id`: of what may take its place. `editor`: where the network lies that
    completes its picture, "" for none; `captions`: one that tells what it is.
    """

    object_id: int
    name: str
    placed: Sequence[PlacedPhoto]
    photos: Mapping[str, Photo]
    masks: Mapping[str, PhotoMask]
    floor: tuple[int, ...]
    ground: Pose
    new_id: int
    maker: str
    editor: str = ""
    captions: str = ""
    tries: int = 1
    seed: int = 0
    device: str = "auto"


def complete_pictured(
    control: Control, wish: PicturedWish, splats: SplatArrays
) -> "Iterator[Progress | Whole]":
    """The `Whole` comes last. `splats`: capture frame. Raises `UserError`."""
    yield from pictured(splats, wish)


def pictured(splats: SplatArrays, wish: PicturedWish) -> "Iterator[Progress | Whole]":
    """The same, for whoever has no job."""
    from core.pictured.opened import open_maker  # heavy: only when asked for
    from core.pictured.whole import Pictured, best_pictures, made_whole
    from core.prior.backends.editors import load_editor
    from core.render.devices import choose_device

    yield Progress(*FIRST)
    device = choose_device(wish.device).name
    seen = tuple(
        _shown(each, wish)
        for each in wish.placed
        if each.name in wish.masks and wish.object_id in wish.masks[each.name].ids()
    )
    if seen and all(each.color is None for each in seen):
        raise UserError(
            "The photos that show this object are gone.", hint="Put them back where they were."
        )
    best_pictures(seen, 1)  # or nothing needs to be loaded
    yield Progress("Reading the network", 0, 0)
    maker = open_maker(wish.maker, device=device)
    editor = load_editor(wish.editor, device=device) if wish.editor else None
    asked = Pictured(
        wish.object_id, _called(wish, best_pictures(seen, 1)[0]), seen, wish.ground, wish.new_id,
        wish.tries, wish.seed,
    )  # fmt: skip
    yield from made_whole(splats.to_gaussians(), asked, editor, maker)


def _called(wish: PicturedWish, shown: "Shown") -> str:
    """The object's name, or what a network that tells what pictures show says of its own."""
    from core.pictured.cutout import cut_out, square
    from core.prior.backends.shap_e import on_white
    from core.single.captions import open_captioner

    if not wish.captions or shown.color is None:
        return wish.name
    told = open_captioner(wish.captions)(on_white(square(cut_out(shown.color, shown.mask))))
    return told or wish.name


def _shown(placed: PlacedPhoto, wish: PicturedWish) -> "Shown":
    import numpy as np

    from core.pipeline.prepare import flat_photo
    from core.scene.placing.settle import Shown
    from core.segment.warp import flattening

    flat, view = flattening(placed, LONGEST)
    labels = flat.to_flat(wish.masks[placed.name].labels(), nearest=True)
    photo, color = wish.photos.get(placed.name), None
    if photo is not None:
        with suppress(UserError):  # where it is gone its outlines count all the same
            color = flat_photo(photo, placed, LONGEST).pixels.numpy()
    return Shown(view, labels == wish.object_id, np.isin(labels, wish.floor), color)
