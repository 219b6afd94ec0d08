"""Small random networks that tell depth, in folders as transformers writes them."""

import json
from pathlib import Path

import pytest
import torch

PATCH, SIDE = 4, 32


def saved_anything(folder: Path, kind: str = "metric") -> Path:
    """A Depth Anything of that kind."""
    transformers = pytest.importorskip("transformers")
    backbone = transformers.Dinov2Config(
        hidden_size=16, num_hidden_layers=4, num_attention_heads=2, image_size=SIDE,
        patch_size=PATCH, out_indices=[1, 2, 3, 4], reshape_hidden_states=False,
        apply_layernorm=True, use_swiglu_ffn=False,
    )  # fmt: skip
    config = transformers.DepthAnythingConfig(
        backbone_config=backbone, patch_size=PATCH, reassemble_hidden_size=16,
        neck_hidden_sizes=[8, 8, 8, 8], fusion_hidden_size=8, head_hidden_size=8,
        depth_estimation_type=kind, max_depth=20,
    )  # fmt: skip
    torch.manual_seed(0)
    transformers.DepthAnythingForDepthEstimation(config).save_pretrained(folder)
    told = {"size": {"height": SIDE, "width": SIDE}, "ensure_multiple_of": PATCH}
    (folder / "preprocessor_config.json").write_text(json.dumps(told))
    return folder


def saved_pro(folder: Path) -> Path:
    """A Depth Pro with its network for the field of view."""
    transformers = pytest.importorskip("transformers")
    part = {
        "model_type": "dinov2", "hidden_size": 16, "num_hidden_layers": 2, "intermediate_size": 32,
        "num_attention_heads": 2, "image_size": 16, "patch_size": 2,
    }  # fmt: skip
    config = transformers.DepthProConfig(
        patch_size=16, fusion_hidden_size=16, intermediate_hook_ids=[1, 0],
        intermediate_feature_dims=[10, 8], scaled_images_ratios=[0.5, 1.0],
        scaled_images_overlap_ratios=[0.0, 0.2], scaled_images_feature_dims=[12, 12],
        use_fov_model=True, image_model_config=part, patch_model_config=part,
        fov_model_config=part,
    )  # fmt: skip
    torch.manual_seed(0)
    transformers.DepthProForDepthEstimation(config).save_pretrained(folder)
    told = {"size": {"height": SIDE, "width": SIDE}}
    (folder / "preprocessor_config.json").write_text(json.dumps(told))
    return folder
