"""Segment Anything networks from disk: a checkpoint of `segment-anything`, or a folder.

Both become transformers' models, which need no torchvision; segment-anything itself does.
Nothing is ever downloaded from here.
"""

import pickle
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.errors import Unavailable, UserError
from core.segment.folders import first_line, loaded, model_type, transformers_for

UNTIL = "Until then, the built-in segmenter does it."
OTHERWISE = f"Choose another file. {UNTIL}"
CHECKPOINTS = (".pth", ".pt")
WINDOW, PATCH, SIDE, DECODED = 14, 16, 1024, 256

# Names in segment-anything, and in transformers; in this order (as in its own converter).
RENAMED = (
    ("iou_prediction_head.layers.0", "iou_prediction_head.proj_in"),
    ("iou_prediction_head.layers.1", "iou_prediction_head.layers.0"),
    ("iou_prediction_head.layers.2", "iou_prediction_head.proj_out"),
    ("mask_decoder.output_upscaling.0", "mask_decoder.upscale_conv1"),
    ("mask_decoder.output_upscaling.1", "mask_decoder.upscale_layer_norm"),
    ("mask_decoder.output_upscaling.3", "mask_decoder.upscale_conv2"),
    ("mask_downscaling.0", "mask_embed.conv1"),
    ("mask_downscaling.1", "mask_embed.layer_norm1"),
    ("mask_downscaling.3", "mask_embed.conv2"),
    ("mask_downscaling.4", "mask_embed.layer_norm2"),
    ("mask_downscaling.6", "mask_embed.conv3"),
    ("point_embeddings", "point_embed"),
    ("pe_layer.positional_encoding_gaussian_matrix", "shared_embedding.positional_embedding"),
    ("image_encoder", "vision_encoder"),
    ("neck.0", "neck.conv1"),
    ("neck.1", "neck.layer_norm1"),
    ("neck.2", "neck.conv2"),
    ("neck.3", "neck.layer_norm2"),
    ("patch_embed.proj", "patch_embed.projection"),
    (".norm", ".layer_norm"),
    ("blocks", "layers"),
)
HYPERNETWORK = re.compile(r"(output_hypernetworks_mlps\.\d+)\.layers\.(\d)\.")
PARTS = {"0": "proj_in", "1": "layers.0", "2": "proj_out"}
HEADS = {768: 12, 1024: 16, 1280: 16}  # of vit_b, vit_l, vit_h by their width


class Kind(Enum):
    """How a network wants its pictures and places."""

    SAM = "sam"  # the longer side fitted, the rest padded
    SAM2 = "sam2"  # stretched to a square
    SAM3 = "sam3"  # likewise, and other colours


TYPES = {
    "sam": Kind.SAM,
    "sam2": Kind.SAM2,
    "sam2_video": Kind.SAM2,
    "sam3_tracker": Kind.SAM3,
    "sam3_tracker_video": Kind.SAM3,
    "sam3_video": Kind.SAM3,
}
WORDS_ALONE = "sam3"
# Of all of SAM 3 the part that knows clicks; transformers 5.23 leaves out the last of these.
RENAMED_SAM3 = {
    r"^detector_model\.vision_encoder\.backbone\.": "vision_encoder.backbone.",
    r"^tracker_neck\.": "vision_encoder.neck.",
    r"^tracker_model\.": "",
}


@dataclass(frozen=True, eq=False)
class Network:
    """A loaded model and how to speak to it. `side`: its pictures' size in pixels."""

    model: Any
    kind: Kind
    side: int


def load_network(place: str) -> Network:
    """The network at `place`: a .pth file, a folder, or a hub name that is on this machine.

    Raises `Unavailable` where a package or the weights are missing, and `UserError` for files
    that are not what they should be.
    """
    path = Path(place).expanduser()
    if path.suffix.lower() in CHECKPOINTS:
        return _from_checkpoint(path)
    return _from_folder(place)


def read_checkpoint(path: Path) -> dict[str, Tensor]:
    """The tensors of a segment-anything checkpoint. Raises `UserError`."""
    if not path.is_file():
        raise Unavailable(f"There is no file {path}.", hint=OTHERWISE)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{path.name} is cut off or damaged ({first_line(error)}).",
            hint="Download it again and compare its size with the page it comes from.",
        ) from error
    except (pickle.UnpicklingError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise UserError(
            f"{path.name} is no file of weights, or holds more than weights.", hint=OTHERWISE
        ) from error
    if isinstance(content, Mapping) and isinstance(content.get("model"), Mapping):
        content = content["model"]  # as SAM 2 writes them
    if not isinstance(content, Mapping) or not _all_tensors(content):
        raise UserError(f"{path.name} holds no network's weights.", hint=OTHERWISE)
    return dict(content)


def _from_checkpoint(path: Path) -> Network:
    weights = read_checkpoint(path)
    if "image_encoder.patch_embed.proj.weight" not in weights:
        raise UserError(
            f"{path.name} is not of segment-anything: {_guess(weights)}.", hint=OTHERWISE
        )
    transformers = transformers_for("Segment Anything", UNTIL)
    config = transformers.SamConfig(vision_config=_architecture(path, weights))
    model = transformers.SamModel(config)
    named = renamed(weights)
    wanted = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    given = {name: tuple(value.shape) for name, value in named.items()}
    wrong = [name for name in wanted if wanted[name] != given.get(name)]
    wrong += [name for name in given if name not in wanted]
    if wrong:
        raise UserError(
            f"{path.name} does not fit the network that it seems to be: {len(wrong)} of its "
            f"{len(wanted)} parts differ, as {wrong[0]}.",
            hint="Use the file as it was published. " + OTHERWISE,
        )
    model.load_state_dict(named)
    return Network(model.eval(), Kind.SAM, SIDE)


def renamed(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """segment-anything's `weights` under transformers' names."""
    answer = {}
    for name, value in weights.items():
        if name in ("pixel_mean", "pixel_std"):
            continue
        name = HYPERNETWORK.sub(lambda found: f"{found[1]}.{PARTS[found[2]]}.", name)
        for old, new in RENAMED:
            name = name.replace(old, new)
        answer[name] = value
    shared = "prompt_encoder.shared_embedding.positional_embedding"
    if shared in answer:
        answer["shared_image_embedding.positional_embedding"] = answer[shared]
    return answer


def _architecture(path: Path, weights: Mapping[str, Tensor]) -> dict[str, Any]:
    """vit_b, vit_l, vit_h or one of their kind, from the shapes in the file."""
    try:
        width = weights["image_encoder.patch_embed.proj.weight"].shape[0]
        blocks = {int(name.split(".")[2]) for name in weights if ".blocks." in name}
        depth = max(blocks) + 1
        relative = [weights[f"image_encoder.blocks.{i}.attn.rel_pos_h"] for i in range(depth)]
        every = [i for i in range(depth) if relative[i].shape[0] > 2 * WINDOW - 1]
        inner = weights["image_encoder.blocks.0.mlp.lin1.weight"].shape[0]
        heads = HEADS.get(width, width // relative[0].shape[1])
    except (KeyError, ValueError, ZeroDivisionError, IndexError) as error:
        raise UserError(
            f"{path.name} lacks a part of segment-anything's encoder ({error}).",
            hint="Use the file as it was published. " + OTHERWISE,
        ) from error
    return {
        "hidden_size": width,
        "num_hidden_layers": depth,
        "num_attention_heads": heads,
        "global_attn_indexes": every,
        "mlp_dim": inner,
        "output_channels": DECODED,
    }


def _from_folder(place: str) -> Network:
    kind = _kind_of(place)
    classes = {Kind.SAM: "SamModel", Kind.SAM2: "Sam2Model", Kind.SAM3: "Sam3TrackerModel"}
    whole = RENAMED_SAM3 if kind is Kind.SAM3 else None
    model = loaded(place, classes[kind], UNTIL, spared="memory", renamed=whole)
    side = model.config.vision_config.image_size if kind is Kind.SAM else _square(model)
    return Network(model, kind, side)


def _square(model: Any) -> int:
    return int(model.prompt_encoder.input_image_size)


def _kind_of(place: str) -> Kind:
    name = model_type(place, UNTIL)
    if name == WORDS_ALONE:
        raise UserError(
            f"{place} is the part of SAM 3 that understands words, and knows no clicks.",
            hint=f"Choose it where words are understood, and another here. {UNTIL}",
        )
    if name not in TYPES:
        known = ", ".join(sorted({kind.value for kind in TYPES.values()}))
        raise UserError(
            f"{place} is a {name}, none of {known}.", hint=f"Choose another folder. {UNTIL}"
        )
    return TYPES[name]


def _guess(weights: Mapping[str, Tensor]) -> str:
    """What else a file of weights may be."""
    if any(name.startswith("image_encoder.trunk") for name in weights):
        return "it is of SAM 2, of which the folder for transformers is wanted"
    return f"its first part is {next(iter(weights), 'missing')}"


def _all_tensors(content: Mapping[Any, Any]) -> bool:
    return bool(content) and all(isinstance(value, Tensor) for value in content.values())
