"""Editors of pictures by words, as diffusers has them: Qwen-Image-Edit, FLUX.2-klein, Kontext."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from core.pictured.protocol import UNTIL, Editor
from core.prior.backends.load import place_for
from core.prior.backends.pipelines import Wanted, check_pictures, load_pipeline, stepped
from core.progress import Progress

Picture = NDArray[np.uint8]

QWEN = ("QwenImageEditPlusPipeline", "QwenImageEditPipeline")
KLEIN, KONTEXT = "Flux2KleinPipeline", "FluxKontextPipeline"
EDITORS = Wanted((*QWEN, KLEIN, KONTEXT), "an editor of pictures", UNTIL)
AREA = 1024 * 1024  # pixels that they were trained with
MULTIPLE = 32  # of both sides, which all of them take as they are
WORK = "Asking for the whole of it"


@dataclass(frozen=True)
class Manner:
    """In how many `steps` one is asked, or in `few` where it was taught to do with those."""

    steps: int
    few: int = 4


MANNERS = {QWEN[0]: Manner(40), QWEN[1]: Manner(50), KLEIN: Manner(50), KONTEXT: Manner(28)}


def load_editor(place: str, *, device: str = "cpu", half: bool | None = None) -> Editor:
    """The editor at `place`, a folder in diffusers' layout or a hub name of one on this machine.

    `half`: computes in bfloat16 (unless told, always: the smallest has 4 billion numbers). Raises
    `Unavailable` and `UserError` as `load_pipeline` does.
    """
    where = place_for(device, half if half is not None else True, False, wide=True)
    kind, pipeline = load_pipeline(place, EDITORS, where)
    return PipelineEditor(kind, pipeline, where.device)


@dataclass(frozen=True, eq=False)
class PipelineEditor:
    """An `Editor`. Its pictures have about `area` pixels, and are brought to it and back."""

    kind: str
    pipeline: Any
    device: torch.device
    area: int = AREA

    def edit(self, picture: Picture, words: str, seed: int) -> Iterator[Progress | Picture]:
        """See `Editor`."""
        height, width = picture.shape[:2]
        wide, tall = sides(width, height, self.area)
        shown = cv2.resize(picture, (wide, tall), interpolation=cv2.INTER_AREA)
        asked = self._asked(Image.fromarray(shown), words, wide, tall)
        asked["generator"] = torch.Generator(self.device).manual_seed(seed)
        for step in stepped(self.pipeline, self._steps(), WORK, asked):
            if isinstance(step, Progress):
                yield step
                continue
            answer = np.clip(255 * check_pictures(step.images) + 0.5, 0, 255).astype(np.uint8)
            yield np.asarray(
                cv2.resize(answer, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8
            )

    def _asked(self, shown: Image.Image, words: str, wide: int, tall: int) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "image": shown, "prompt": words, "width": wide, "height": tall, "output_type": "np",
        }  # fmt: skip
        if self.kind in QWEN:  # guided by its own means: an empty wish to be unlike
            asked |= {"negative_prompt": " ", "true_cfg_scale": 4.0}
        elif self.kind == KONTEXT:
            asked |= {"guidance_scale": 2.5, "max_area": wide * tall, "_auto_resize": False}
        elif not self._taught():
            asked |= {"guidance_scale": 4.0}
        else:
            asked |= {"guidance_scale": 1.0}
        return asked

    def _taught(self) -> bool:
        return bool(getattr(self.pipeline.config, "is_distilled", False))

    def _steps(self) -> int:
        manner = MANNERS[self.kind]
        return manner.few if self._taught() else manner.steps


def sides(width: int, height: int, area: int) -> tuple[int, int]:
    """Width and height of about that shape and `area`, whole multiples of `MULTIPLE`."""
    ratio = math.sqrt(width / height)
    found = (math.sqrt(area) * ratio, math.sqrt(area) / ratio)
    wide, tall = (max(1, round(side / MULTIPLE)) * MULTIPLE for side in found)
    return wide, tall
