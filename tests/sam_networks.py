"""Small random Segment Anything networks in the real formats, and the packages' own predictors."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

WIDTH, DEPTH, HEADS = 32, 2, 2


@contextmanager
def segment_anything() -> Iterator[Any]:
    """The package, with a stand-in for the two functions of torchvision that it needs.

    torchvision does with Pillow's pictures what Pillow does.
    """
    functional = ModuleType("torchvision.transforms.functional")
    functional.to_pil_image = Image.fromarray  # type: ignore[attr-defined]
    functional.resize = lambda image, size: image.resize(  # type: ignore[attr-defined]
        size[::-1], Image.Resampling.BILINEAR
    )
    boxes = ModuleType("torchvision.ops.boxes")
    boxes.batched_nms = boxes.box_area = None  # type: ignore[attr-defined]
    names = {
        "torchvision": ModuleType("torchvision"),
        "torchvision.transforms": ModuleType("torchvision.transforms"),
        "torchvision.transforms.functional": functional,
        "torchvision.ops": ModuleType("torchvision.ops"),
        "torchvision.ops.boxes": boxes,
    }
    if "torchvision" in sys.modules or _there():
        import segment_anything as package

        yield package
        return
    sys.modules.update(names)
    try:
        yield pytest.importorskip("segment_anything")
    finally:
        for name in names:
            del sys.modules[name]


def _there() -> bool:
    """Whether a torchvision that works is installed."""
    try:
        import torchvision  # noqa: F401
    except Exception:  # noqa: BLE001
        return False
    return True


def small_sam(package: Any) -> Any:
    """A Sam of the package's own classes, but for its size as published."""
    modeling = package.modeling
    torch.manual_seed(0)
    encoder = modeling.ImageEncoderViT(
        depth=DEPTH, embed_dim=WIDTH, img_size=1024, mlp_ratio=4, num_heads=HEADS, patch_size=16,
        norm_layer=partial(torch.nn.LayerNorm, eps=1e-6), qkv_bias=True, use_rel_pos=True,
        global_attn_indexes=[1], window_size=14, out_chans=256,
    )  # fmt: skip
    prompts = modeling.PromptEncoder(
        embed_dim=256, image_embedding_size=(64, 64), input_image_size=(1024, 1024),
        mask_in_chans=16,
    )  # fmt: skip
    transformer = modeling.TwoWayTransformer(depth=2, embedding_dim=256, mlp_dim=2048, num_heads=8)
    decoder = modeling.MaskDecoder(
        num_multimask_outputs=3, transformer=transformer, transformer_dim=256,
        iou_head_depth=3, iou_head_hidden_dim=256,
    )  # fmt: skip
    return modeling.Sam(encoder, prompts, decoder).eval()


def saved_checkpoint(folder: Path) -> Path:
    """A .pth as segment-anything publishes them, of a small random network."""
    with segment_anything() as package:
        path = folder / "sam_small.pth"
        torch.save(small_sam(package).state_dict(), path)
    return path


def saved_folder(folder: Path, kind: str) -> Path:
    """A folder as transformers writes it, of a small random network of `kind`."""
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    if kind == "sam3":
        from tests.word_networks import saved_sam3

        return saved_sam3(folder / kind)
    if kind == "sam":
        vision = {
            "hidden_size": WIDTH, "num_hidden_layers": DEPTH, "num_attention_heads": HEADS,
            "global_attn_indexes": [1], "mlp_dim": 4 * WIDTH,
        }  # fmt: skip
        model = transformers.SamModel(transformers.SamConfig(vision_config=vision))
    else:
        backbone = {
            "hidden_size": 8, "num_attention_heads": 1, "blocks_per_stage": [1, 1, 1, 1],
            "embed_dim_per_stage": [8, 16, 32, 64], "num_attention_heads_per_stage": [1, 1, 2, 4],
            "window_size_per_stage": [8, 4, 14, 7],
            "global_attention_blocks": [],
        }  # fmt: skip
        vision = {
            "backbone_config": transformers.Sam2HieraDetConfig(**backbone),
            "backbone_channel_list": [64, 32, 16, 8],
        }
        config = transformers.Sam2Config(vision_config=transformers.Sam2VisionConfig(**vision))
        model = transformers.Sam2Model(config)
    model.save_pretrained(folder / kind)
    return folder / kind


def photo(height: int = 90, width: int = 130) -> np.ndarray:
    """Random blots."""
    random = np.random.default_rng(5)
    small = random.integers(0, 255, (9, 13, 3), np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))
