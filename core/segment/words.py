"""Words find objects: Grounding DINO's boxes, which a segmenter fills, or SAM 3's own masks."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from core.errors import UserError
from core.segment.folders import first_line, loaded, model_type, transformers_for
from core.segment.protocol import Answer, Box, Embedded, Found, Mask, Photo, WordFinder
from core.segment.sam import iou, pixel_values
from core.segment.sam_files import Kind, Network
from core.segment.word_kinds import DINO, SAM3

UNTIL = "Until then, objects are not found by words."
SHORT, LONG = 800, 1333  # pixels: the sides that Grounding DINO's pictures have at most
LIKELY = {"dino": 0.25, "sam3": 0.3}  # scores from which the packages' own processors keep what
INSIDE = 0.5  # probability from which a pixel is of SAM 3's mask
SAME = 0.7  # IoU from which two are one object
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
TOKENS = 32  # of a text for SAM 3


def open_finder(place: str) -> WordFinder:
    """The network at `place`: a folder, or a hub name that is on this machine.

    Raises `Unavailable` where a package or the weights are missing, and `UserError` for folders
    that are not what they should be.
    """
    kind = model_type(place, UNTIL)
    if kind in DINO:
        name = "GroundingDinoForObjectDetection"
        name = name if kind == "grounding-dino" else f"MM{name}"
        model = loaded(place, name, UNTIL)
        return BoxFinder(model, _tokenizer(place, model))
    if kind in SAM3:
        model = loaded(place, "Sam3Model", UNTIL)
        return MaskFinder(model, _tokenizer(place, model))
    raise UserError(
        f"{place} is a {kind}, neither Grounding DINO nor SAM 3.",
        hint=f"Choose another folder. {UNTIL}",
    )


@dataclass(frozen=True, eq=False)
class BoxFinder:
    """Grounding DINO, see `WordFinder`: boxes, of which the segmenter says what is in them.

    Liu et al., 2023.
    """

    model: Any
    tokenizer: Any

    def look(self, photo: Photo) -> Embedded:
        """See `WordFinder`; nearly all of the work waits for the words."""
        return Embedded(photo, {"picture": dino_values(photo).numpy()})

    def find(
        self, looked: Embedded, words: str, mark: Callable[[Box], Answer]
    ) -> tuple[Found, ...]:
        """See `WordFinder`."""
        found = []
        for phrase in phrases_in(words):
            for box, score in self.boxes(looked, phrase):
                answer = mark(box)
                found.append(Found(phrase, box, Answer(answer.mask, score)))
        return _each_once(found)

    def boxes(self, looked: Embedded, phrase: str) -> list[tuple[Box, float]]:
        """Where things called `phrase` are, and how sure that is; within the photo."""
        height, width = looked.photo.shape[:2]
        told = self.tokenizer(
            f"{phrase.lower()}.", return_tensors="pt",
            truncation=True, max_length=self.model.config.max_text_len,
        )  # fmt: skip
        picture = torch.from_numpy(np.asarray(looked.features["picture"]))
        shown = torch.ones(picture[:, 0].shape, dtype=torch.int64)
        with torch.no_grad():
            out = self.model(pixel_values=picture, pixel_mask=shown, **told)
        scores = out.logits[0].sigmoid().amax(dim=1)
        middle, size = out.pred_boxes[0].split(2, dim=1)
        corners = torch.cat([middle - size / 2, middle + size / 2], dim=1)
        corners = corners.clamp(0, 1) * torch.tensor([width, height, width, height])
        likely = scores > LIKELY["dino"]
        pairs = zip(corners[likely].tolist(), scores[likely].tolist(), strict=True)
        return [(Box(*box), score) for box, score in pairs]


@dataclass(frozen=True, eq=False)
class MaskFinder:
    """SAM 3's detector, see `WordFinder`: masks of its own, without the segmenter's help.

    Carion et al., 2025.
    """

    model: Any
    tokenizer: Any

    def look(self, photo: Photo) -> Embedded:
        """See `WordFinder`: what the image encoder makes of the photo."""
        network = Network(self.model, Kind.SAM3, _side(self.model.config.image_size))
        with torch.no_grad():
            seen = self.model.get_vision_features(pixel_values=pixel_values(photo, network))
        pairs = zip(seen.fpn_hidden_states, seen.fpn_position_encoding, strict=True)
        features = {}
        for i, (level, place) in enumerate(pairs):
            features[f"map{i}"], features[f"place{i}"] = level.numpy(), place.numpy()
        return Embedded(photo, features)

    def find(
        self, looked: Embedded, words: str, mark: Callable[[Box], Answer]
    ) -> tuple[Found, ...]:
        """See `WordFinder`; `mark` is not asked."""
        return _each_once([each for p in phrases_in(words) for each in self._found(looked, p)])

    def _found(self, looked: Embedded, phrase: str) -> Iterator[Found]:
        height, width = looked.photo.shape[:2]
        told = self.tokenizer(
            phrase, return_tensors="pt", padding="max_length", truncation=True, max_length=TOKENS
        )
        with torch.no_grad():
            out = self.model(
                vision_embeds=_seen(looked.features),
                input_ids=told["input_ids"],
                attention_mask=told["attention_mask"],
            )
        scores = (out.pred_logits.sigmoid() * out.presence_logits.sigmoid())[0]
        sides = torch.tensor([width, height, width, height])
        for i in (scores > LIKELY["sam3"]).nonzero()[:, 0].tolist():
            shares = out.pred_masks[:, i : i + 1].sigmoid()
            # One after the other: all of them at the photo's size may be gigabytes.
            large = interpolate(shares, (height, width), mode="bilinear", align_corners=False)
            mask: Mask = np.asarray((large[0, 0] > INSIDE).numpy())
            box = Box(*(out.pred_boxes[0, i] * sides).tolist())
            yield Found(phrase, box, Answer(mask, float(scores[i])))


def phrases_in(words: str) -> list[str]:
    """What is to be found: names of things, parted by commas or full stops."""
    parts = words.replace(";", ",").replace(".", ",").split(",")
    return [phrase for part in parts if (phrase := " ".join(part.split()))]


def dino_values(photo: Photo) -> Tensor:
    """[1, 3, h, w]: `photo` [H, W, 3] as Grounding DINO's own processor prepares it."""
    down, across = dino_size(photo.shape[0], photo.shape[1])
    resized = Image.fromarray(photo).resize((across, down), Image.Resampling.BILINEAR)
    values = torch.from_numpy(np.array(resized)).permute(2, 0, 1).float() / 255
    mean, spread = (torch.tensor(each)[:, None, None] for each in (MEAN, SPREAD))
    return ((values - mean) / spread)[None]


def dino_size(height: int, width: int) -> tuple[int, int]:
    """(rows, columns): the shorter side SHORT, the longer LONG at most, rounded as there."""
    short: float = SHORT
    if max(height, width) / min(height, width) * SHORT > LONG:
        short = LONG * min(height, width) / max(height, width)
    side = round(short)
    if side == min(height, width):
        return height, width
    if width < height:
        return int(short * height / width), side
    return side, int(short * width / height)


def _each_once(found: list[Found]) -> tuple[Found, ...]:
    """The likeliest first, without what is empty or was found already."""
    kept: list[Found] = []
    for each in sorted(found, key=lambda each: -each.answer.score):
        mask = each.answer.mask
        if mask.any() and all(iou(mask, other.answer.mask) < SAME for other in kept):
            kept.append(each)
    return tuple(kept)


def _seen(features: Mapping[str, NDArray[Any]]) -> Any:
    """What `look` kept, as the network takes it."""
    from transformers.models.sam3.modeling_sam3 import Sam3VisionEncoderOutput

    levels = range(len(features) // 2)

    def tensors(name: str) -> tuple[Tensor, ...]:
        return tuple(torch.from_numpy(np.asarray(features[f"{name}{i}"])) for i in levels)

    return Sam3VisionEncoderOutput(
        fpn_hidden_states=tensors("map"), fpn_position_encoding=tensors("place")
    )


def _side(told: int | list[int] | tuple[int, ...]) -> int:
    return told if isinstance(told, int) else told[0]


def _tokenizer(place: str, model: Any) -> Any:
    """What cuts words up as `model` knows them."""
    auto = transformers_for(place, UNTIL).AutoTokenizer
    hint = f"Download the folder again, with the files of its tokenizer. {UNTIL}"
    try:
        tokenizer = auto.from_pretrained(place, local_files_only=True)
    except Exception as error:
        problem = f"The words' list in {place} cannot be read ({first_line(error)})."
        raise UserError(problem, hint=hint) from error
    # Without its files transformers makes one up that knows no word.
    known, wanted = len(tokenizer), model.config.text_config.vocab_size
    if known < wanted / 2:
        problem = f"The words' list in {place} is missing: {known} words of {wanted} are there."
        raise UserError(problem, hint=hint)
    return tokenizer
