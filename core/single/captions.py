"""What a picture shows, in a sentence: BLIP and Florence-2 through transformers.

For prompts of networks that paint and draw; whoever types one needs none of them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from core.errors import Unavailable, UserError
from core.segment.folders import AGAIN, first_line, loaded, model_type, transformers_for

Picture = NDArray[np.uint8]

UNTIL = "Until then, type the words yourself."
LONGEST = 60  # tokens of a caption
TASK = "<DETAILED_CAPTION>"  # what Florence-2 is asked for
CLASSES = {
    "blip": "BlipForConditionalGeneration",
    "blip-2": "Blip2ForConditionalGeneration",
    "florence2": "Florence2ForConditionalGeneration",
}


class Captioner(Protocol):
    """Tells what a picture shows."""

    def __call__(self, picture: Picture) -> str:
        """Of `picture` [H, W, 3] uint8, in one line."""
        ...


def open_captioner(place: str) -> Captioner:
    """The network at `place`: a folder as transformers writes it, or a hub name that is here.

    Raises `Unavailable` where a package or the weights are missing, and `UserError` for folders
    that are not what they should be.
    """
    kind = model_type(place, UNTIL)
    if kind not in CLASSES:
        raise UserError(
            f"{place} is a {kind}, and BLIP or Florence-2 is wanted, to tell what is shown.",
            hint=f"Choose another folder. {UNTIL}",
        )
    package = transformers_for(place, UNTIL)
    try:
        processor = package.AutoProcessor.from_pretrained(
            str(Path(place).expanduser()), local_files_only=True
        )
    except ImportError as error:
        raise Unavailable(
            f"{place} needs a package that is not installed ({first_line(error)}).",
            hint=f"Run: pip install torchvision. {UNTIL}",
        ) from error
    except Exception as error:
        raise UserError(
            f"In {place}, the list of words or how pictures are prepared is missing or damaged "
            f"({first_line(error)}).",
            hint=f"{AGAIN} {UNTIL}",
        ) from error
    return Transformed(loaded(place, CLASSES[kind], UNTIL), processor, kind)


@dataclass(frozen=True, eq=False)
class Transformed:
    """A `Captioner` of transformers; always the likeliest words, so always the same ones."""

    model: Any
    processor: Any
    kind: str

    def __call__(self, picture: Picture) -> str:
        shown = Image.fromarray(picture)
        asked = {"text": TASK} if self.kind == "florence2" else {}
        values = self.processor(images=shown, return_tensors="pt", **asked)
        with torch.no_grad():
            tokens = self.model.generate(**values, max_new_tokens=LONGEST, do_sample=False)
        told = self.processor.batch_decode(tokens, skip_special_tokens=True)[0]
        return tidied(told)


def tidied(told: str) -> str:
    """One line, without blanks at its ends or the stop that sentences end in."""
    return " ".join(str(told).split()).rstrip(". ")
