"""SAM, SAM 2 and SAM 3's tracker as segmenters: a photo is embedded once, clicks are cheap."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate, pad

from core.segment.marks import settled, signs_of
from core.segment.protocol import Answer, Embedded, Mask, Photo, Prompt, nothing
from core.segment.sam_files import Kind, Network, load_network

MEANS = {
    Kind.SAM: ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
    Kind.SAM2: ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    Kind.SAM3: ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
}
SURE = 8.0  # logits that a mask so far is told as
GRID = 16  # places along each side that proposals are asked at
AT_ONCE = 32  # of them
LIKELY, STABLE, SAME = 0.8, 0.9, 0.7  # of proposals: score, stability, IoU that makes them one
OFFSET = 1.0  # logits that a stable mask's border may move by
STROKE_CLICKS = 3  # clicks that a stroke stands for


@dataclass(frozen=True, eq=False)
class Sam:
    """See `Segmenter`. Kirillov et al., 2023; Ravi et al., 2024."""

    network: Network

    @staticmethod
    def open(place: str) -> "Sam":
        """The network at `place`, see `load_network`. Raises `UserError`."""
        return Sam(load_network(place))

    def embed(self, photo: Photo) -> Embedded:
        """What the image encoder makes of `photo`: seconds without a graphics card."""
        with torch.no_grad():
            found = self.network.model.get_image_embeddings(pixel_values(photo, self.network))
        maps = [found] if isinstance(found, Tensor) else list(found)
        return Embedded(photo, {f"map{i}": each.numpy() for i, each in enumerate(maps)})

    def segment(self, embedded: Embedded, prompt: Prompt) -> Answer:
        """See `Segmenter`."""
        height, width = embedded.photo.shape[:2]
        if prompt.is_empty:
            return nothing(embedded.photo)
        signs = signs_of(prompt, height, width)
        points, labels = clicks_of(prompt)
        # One click may mean a part or a whole; more of them are clear.
        several = len(points) == 1 and prompt.box is None and prompt.mask is None
        asked: dict[str, object] = {"multimask_output": several}
        if len(points):
            asked["input_points"] = self._places(points, height, width)[None, None]
            asked["input_labels"] = torch.from_numpy(labels)[None, None]
        if prompt.box is not None:
            # The network means pixels, ours are edges: the last pixel is one before the edge.
            left, top, right, bottom = prompt.box
            corners = np.array([[left, top], [right - 1, bottom - 1]]) + 0.5
            asked["input_boxes"] = self._places(corners, height, width).reshape(1, 1, 4)
        if prompt.mask is not None and prompt.mask.any():
            asked["input_masks"] = self._mask_so_far(prompt.mask)
        scores, logits = self._ask(embedded, asked)
        found = [
            Answer(settled(mask > 0, signs), float(score))
            for mask, score in zip(self._at_full_size(logits, height, width), scores, strict=True)
        ]
        found.sort(key=lambda answer: -answer.score)
        return replace(found[0], others=tuple(found[1:]))

    def propose(self, embedded: Embedded) -> tuple[Answer, ...]:
        """What is found at the places of a grid, but for what is unsure or found twice."""
        height, width = embedded.photo.shape[:2]
        x, y = np.meshgrid(
            (np.arange(GRID) + 0.5) / GRID * width, (np.arange(GRID) + 0.5) / GRID * height
        )
        places = self._places(np.stack([x.ravel(), y.ravel()], axis=1), height, width)
        found: list[tuple[float, Tensor]] = []
        for some in torch.split(places, AT_ONCE):
            asked: dict[str, object] = {
                "input_points": some[None, :, None],
                "input_labels": torch.ones(1, len(some), 1, dtype=torch.int64),
                "multimask_output": True,
            }
            scores, logits = self._ask(embedded, asked)
            stable = (logits > OFFSET).sum((1, 2)) / (logits > -OFFSET).sum((1, 2)).clamp_min(1)
            good = (scores >= LIKELY) & (stable >= STABLE)
            found += list(zip(scores[good].tolist(), logits[good], strict=True))
        kept: list[Answer] = []
        for score, logit in sorted(found, key=lambda each: -each[0]):
            mask = self._at_full_size(logit[None], height, width)[0] > 0
            if mask.any() and all(iou(mask, other.mask) < SAME for other in kept):
                kept.append(Answer(mask, score))
        return tuple(sorted(kept, key=lambda answer: -int(answer.mask.sum())))

    def _ask(self, embedded: Embedded, asked: dict[str, object]) -> tuple[Tensor, Tensor]:
        """Scores [M] and logits [M, h, w] of all masks."""
        maps = [torch.from_numpy(np.asarray(each)) for each in embedded.features.values()]
        with torch.no_grad():
            given = maps[0] if self.network.kind is Kind.SAM else maps
            out = self.network.model(image_embeddings=given, **asked)
        return out.iou_scores.flatten(), out.pred_masks.flatten(0, 2)

    def _places(self, places: NDArray[np.float64], height: int, width: int) -> Tensor:
        """[N, 2] float32 as the network counts: its first pixel's centre is at 0."""
        down, across = input_size(height, width, self.network)
        scale = np.array([across / width, down / height])
        return torch.from_numpy((places - 0.5) * scale).float()

    def _mask_so_far(self, mask: Mask) -> Tensor:
        """[1, 1, h, w] logits, at the size that the network takes masks in."""
        down, across = input_size(mask.shape[0], mask.shape[1], self.network)
        resized = cv2.resize(mask.astype(np.float32), (across, down), interpolation=cv2.INTER_AREA)
        side = self.network.side
        framed = pad(torch.from_numpy(np.asarray(resized)), (0, side - across, 0, side - down))
        small = interpolate(framed[None, None], size=(side // 4, side // 4), mode="area")
        return (2 * small - 1) * SURE

    def _at_full_size(self, logits: Tensor, height: int, width: int) -> NDArray[np.float32]:
        """[M, H, W] from logits [M, h, w]."""
        masks = logits[:, None]
        if self.network.kind is Kind.SAM:
            side = self.network.side
            down, across = input_size(height, width, self.network)
            masks = interpolate(masks, (side, side), mode="bilinear", align_corners=False)
            masks = masks[..., :down, :across]
        masks = interpolate(masks, (height, width), mode="bilinear", align_corners=False)
        return np.asarray(masks[:, 0].numpy())


def clicks_of(prompt: Prompt) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Places [N, 2] and labels [N], 1 for the object: the points, and a few along each stroke."""
    places, labels = [prompt.points], [prompt.foreground.astype(np.int64)]
    for stroke in prompt.strokes:
        if len(stroke.path):
            some = np.linspace(0, len(stroke.path) - 1, min(STROKE_CLICKS, len(stroke.path)))
            places.append(stroke.path[some.round().astype(int)])
            labels.append(np.full(len(places[-1]), int(stroke.foreground)))
    return np.concatenate(places), np.concatenate(labels)


def input_size(height: int, width: int, network: Network) -> tuple[int, int]:
    """(rows, columns) that a photo has inside the network's square."""
    if network.kind is not Kind.SAM:
        return network.side, network.side
    scale = network.side / max(height, width)
    return int(height * scale + 0.5), int(width * scale + 0.5)


def pixel_values(photo: Photo, network: Network) -> Tensor:
    """[1, 3, side, side]: `photo` as each package prepares it for its network."""
    mean, spread = (torch.tensor(values)[:, None, None] for values in MEANS[network.kind])
    side = network.side
    if network.kind is Kind.SAM:
        down, across = input_size(photo.shape[0], photo.shape[1], network)
        resized = Image.fromarray(photo).resize((across, down), Image.Resampling.BILINEAR)
        values = torch.from_numpy(np.array(resized)).permute(2, 0, 1).float()
        return pad((values - mean) / spread, (0, side - across, 0, side - down))[None]
    whole = torch.from_numpy(photo.copy()).permute(2, 0, 1)[None]
    # SAM 2 was trained on pictures shrunk as fractions, SAM 3 on such shrunk as bytes.
    values = whole if network.kind is Kind.SAM3 else whole.float() / 255
    values = interpolate(values, (side, side), mode="bilinear", align_corners=False, antialias=True)
    return ((values.float() / 255 if network.kind is Kind.SAM3 else values) - mean) / spread


def iou(one: Mask, two: Mask) -> float:
    """How much two masks of one size have in common: 0 to 1."""
    return float((one & two).sum() / max(1, (one | two).sum()))
