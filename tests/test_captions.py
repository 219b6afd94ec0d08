"""Networks that tell what pictures show, small and random, in the real format."""

from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import Unavailable, UserError
from core.single.captions import open_captioner, tidied
from tests.depth_networks import saved_anything

WIDTH = 16
PICTURE = np.random.default_rng(0).integers(0, 255, (50, 60, 3), dtype=np.uint8)


def saved_blip(folder: Path) -> Path:
    transformers = pytest.importorskip("transformers")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz"]
    small = {
        "hidden_size": WIDTH, "intermediate_size": WIDTH, "num_hidden_layers": 1,
        "num_attention_heads": 2, "projection_dim": WIDTH,
    }  # fmt: skip
    text = {
        **small, "vocab_size": len(words), "encoder_hidden_size": WIDTH, "bos_token_id": 2,
        "eos_token_id": 3, "sep_token_id": 3, "pad_token_id": 0, "max_position_embeddings": 80,
    }  # fmt: skip
    vision = {**small, "image_size": 32, "patch_size": 8}
    config = transformers.BlipConfig(text_config=text, vision_config=vision, projection_dim=WIDTH)
    torch.manual_seed(0)
    transformers.BlipForConditionalGeneration(config).save_pretrained(folder)
    tokenizer = transformers.BertTokenizerFast(vocab={word: k for k, word in enumerate(words)})
    pictures = transformers.BlipImageProcessorPil(size={"height": 32, "width": 32})
    transformers.BlipProcessor(pictures, tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def blip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_blip(tmp_path_factory.mktemp("captions") / "blip")


def test_a_network_tells_what_a_picture_shows(blip: Path) -> None:
    tell = open_captioner(str(blip))
    words = tell(PICTURE)
    assert words
    assert set(words) <= set("abcdefghijklmnopqrstuvwxyz ")
    assert tell(PICTURE) == words


def test_captions_are_one_line() -> None:
    assert tidied("  a room\nwith a  chair. ") == "a room with a chair"


def test_folders_that_tell_nothing(blip: Path, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="neither a folder"):
        open_captioner("nobody/nothing")
    with pytest.raises(UserError, match="BLIP or Florence-2 is wanted"):
        open_captioner(str(saved_anything(tmp_path / "depth")))
    cut = saved_blip(tmp_path / "cut")
    weights = cut / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:400])
    with pytest.raises(UserError, match="cannot be read"):
        open_captioner(str(cut))
    bare = saved_blip(tmp_path / "bare")
    for file in bare.glob("*processor*"):
        file.unlink()
    for file in bare.glob("tokenizer*"):
        file.unlink()
    with pytest.raises(UserError, match="list of words or how pictures are prepared"):
        open_captioner(str(bare))
