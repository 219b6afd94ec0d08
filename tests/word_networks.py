"""Small random networks that understand words, in the real formats, with lists of few words."""

import json
import string
from pathlib import Path

import pytest
import torch

SIDE = 112  # pixels of SAM 3's pictures; 1008 as published
WIDTH = 32


def saved_dino(folder: Path) -> Path:
    """A Grounding DINO as transformers writes it."""
    transformers = pytest.importorskip("transformers")
    folder.mkdir(parents=True, exist_ok=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "a", "chair", "lamp", "red"]
    words += list(string.ascii_lowercase[1:])
    (folder / "vocab.txt").write_text("\n".join(words))
    told = {"tokenizer_class": "BertTokenizer", "do_lower_case": True}
    (folder / "tokenizer_config.json").write_text(json.dumps(told))
    torch.manual_seed(0)
    backbone = transformers.SwinConfig(
        image_size=64, embed_dim=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 1, 1], window_size=4,
        out_indices=[2, 3, 4],
    )  # fmt: skip
    text = transformers.BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16,
    )  # fmt: skip
    config = transformers.GroundingDinoConfig(
        backbone_config=backbone, text_config=text, d_model=WIDTH, num_queries=12,
        encoder_layers=1, encoder_ffn_dim=16, encoder_attention_heads=2,
        decoder_layers=2, decoder_ffn_dim=16, decoder_attention_heads=2,
    )  # fmt: skip
    transformers.GroundingDinoForObjectDetection(config).save_pretrained(folder)
    return folder


def saved_sam3(folder: Path) -> Path:
    """All of a SAM 3, its detector and its tracker, as published."""
    transformers = pytest.importorskip("transformers")
    folder.mkdir(parents=True, exist_ok=True)
    letters = list(string.ascii_lowercase)
    tokens = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{each}</w>" for each in letters)]
    numbers = {token: i for i, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(numbers))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    told = {"tokenizer_class": "CLIPTokenizer"}
    (folder / "tokenizer_config.json").write_text(json.dumps(told))
    torch.manual_seed(0)
    config = transformers.Sam3VideoConfig(
        detector_config=_detector(len(tokens)), tracker_config=_tracker()
    )
    model = transformers.Sam3VideoModel(config)
    # As sure of it as a network that was taught: chance is less than what is kept.
    torch.nn.init.constant_(model.detector_model.detr_decoder.presence_head.layer3.bias, 4.0)
    model.save_pretrained(folder)
    return folder


def _vision() -> dict[str, object]:
    tiles = SIDE // 14
    backbone = {
        "model_type": "sam3_vit_model", "hidden_size": 16, "intermediate_size": 16,
        "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": SIDE, "patch_size": 14,
        "window_size": 4, "global_attn_indexes": [1], "pretrain_image_size": 56,
    }  # fmt: skip
    sizes = [[k * tiles, k * tiles] for k in (4, 2, 1)]
    return {
        "backbone_config": backbone, "fpn_hidden_size": WIDTH, "backbone_feature_sizes": sizes,
    }  # fmt: skip


def _detector(words: int) -> dict[str, object]:
    small = {
        "hidden_size": WIDTH, "num_layers": 1, "num_attention_heads": 2, "intermediate_size": 16,
    }  # fmt: skip
    text = {
        "model_type": "clip_text_model", "vocab_size": words, "hidden_size": 16,
        "intermediate_size": 16, "projection_dim": 16, "num_hidden_layers": 1,
        "num_attention_heads": 2, "max_position_embeddings": 32,
        "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1,
    }  # fmt: skip
    return {
        "model_type": "sam3", "vision_config": _vision(), "text_config": text,
        "geometry_encoder_config": small, "detr_encoder_config": small,
        "detr_decoder_config": {**small, "num_queries": 9},
        "mask_decoder_config": {"hidden_size": WIDTH, "num_attention_heads": 2},
    }  # fmt: skip


def _tracker() -> dict[str, object]:
    memory = {
        "hidden_size": WIDTH, "num_layers": 1, "num_attention_heads": 1,
        "downsample_rate": 1, "feed_forward_hidden_size": 16,
        "rope_feat_sizes": [SIDE // 14, SIDE // 14],
    }  # fmt: skip
    return {
        "model_type": "sam3_tracker_video", "vision_config": _vision(), "image_size": SIDE,
        "prompt_encoder_config": {"hidden_size": WIDTH, "image_size": SIDE, "patch_size": 14},
        "mask_decoder_config": {
            "hidden_size": WIDTH, "mlp_dim": 16, "num_attention_heads": 2,
            "iou_head_hidden_dim": 16,
        },
        **{f"memory_attention_{name}": value for name, value in memory.items()},
        "memory_encoder_hidden_size": WIDTH, "memory_encoder_output_channels": 16,
        "mask_downsampler_embed_dim": WIDTH, "memory_fuser_embed_dim": WIDTH,
        "memory_fuser_num_layers": 1, "memory_fuser_intermediate_dim": 16,
    }  # fmt: skip
