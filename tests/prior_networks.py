"""Small random pipelines of every kind, saved by the packages that write the real ones."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from core.geometry.camera import Pinhole, View
from core.prior.protocol import Draft, PosedPhoto

SIDE = 32  # pixels that the networks know
WORDS = 16  # numbers of a word
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
DDIM = {
    **BETAS,
    "clip_sample": False,
    "set_alpha_to_one": True,
    "timestep_spacing": "trailing",
    "steps_offset": 1,
}


def packages() -> tuple[Any, Any]:
    """diffusers and transformers; the tests are skipped without them."""
    diffusers = pytest.importorskip("diffusers", exc_type=ImportError)
    return diffusers, pytest.importorskip("transformers", exc_type=ImportError)


def draft(height: int = 36, width: int = 44) -> Draft:
    """A quarter of it unseen, a smaller part empty; with one photo of another size."""
    random = torch.Generator().manual_seed(3)
    view = View(Pinhole(width, height, 40.0, 40.0, width / 2, height / 2), torch.eye(4))
    alpha = torch.ones(height, width)
    alpha[: height // 4, : width // 4] = 0
    visibility = torch.ones(height, width)
    visibility[: height // 2, : width // 2] = 0
    color = torch.rand(height, width, 3, generator=random) * alpha[..., None]
    depth = (1 + torch.rand(height, width, generator=random)) * alpha
    photo = PosedPhoto(view, torch.rand(24, 40, 3, generator=random))
    return Draft(view, color, alpha, depth, visibility, (photo,))


def vae(channels: int = 4, scale: float = 0.5, shift: float | None = None) -> Any:
    diffusers, _ = packages()
    torch.manual_seed(1)
    made = diffusers.AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(8, 8, 16, 16), norm_num_groups=4, latent_channels=channels,
        layers_per_block=1, sample_size=SIDE, scaling_factor=scale, shift_factor=shift,
    )  # fmt: skip
    with torch.no_grad():  # what pipelines draw at random, priors do not: let it be the likeliest
        made.quant_conv.weight[channels:] = 0
        made.quant_conv.bias[channels:] = -30
    return made


def unet(takes: int = 4, words: int = WORDS) -> Any:
    diffusers, _ = packages()
    torch.manual_seed(2)
    return diffusers.UNet2DConditionModel(
        sample_size=SIDE // 8, in_channels=takes, out_channels=4, layers_per_block=1,
        block_out_channels=(8, 16), norm_num_groups=4, cross_attention_dim=words,
        attention_head_dim=2, down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
    )  # fmt: skip


def tokenizer() -> Any:
    _, transformers = packages()
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{each}</w>" for each in letters)]
    vocabulary = {name: number for number, name in enumerate(names)}
    return transformers.CLIPTokenizer(vocabulary, [], model_max_length=12)


def text_encoder(projected: bool = False) -> Any:
    _, transformers = packages()
    torch.manual_seed(4)
    config = transformers.CLIPTextConfig(
        vocab_size=60, hidden_size=WORDS, intermediate_size=24, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=12, projection_dim=WORDS,
        bos_token_id=0, eos_token_id=1, pad_token_id=1,
    )  # fmt: skip
    kind = transformers.CLIPTextModelWithProjection if projected else transformers.CLIPTextModel
    return kind(config).eval()


def stable(takes: int = 4, prediction: str = "epsilon", **scheduler: Any) -> dict[str, Any]:
    """The parts of Stable Diffusion 1 or 2."""
    diffusers, _ = packages()
    told = {**DDIM, "prediction_type": prediction, **scheduler}
    return {
        "vae": vae(), "text_encoder": text_encoder(), "tokenizer": tokenizer(),
        "unet": unet(takes), "scheduler": diffusers.DDIMScheduler(**told),
    }  # fmt: skip


def pipeline(kind: str, parts: dict[str, Any]) -> Any:
    """One of diffusers' own, of these parts."""
    diffusers, _ = packages()
    more = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    if kind.startswith("StableDiffusion3"):
        more = {}
    made = getattr(diffusers, kind)(**parts, **more)
    made.set_progress_bar_config(disable=True)
    return made


def controlnet(words: int = WORDS) -> Any:
    diffusers, _ = packages()
    torch.manual_seed(5)
    made = diffusers.ControlNetModel.from_unet(
        unet(words=words), conditioning_channels=3, load_weights_from_unet=False
    )
    with torch.no_grad():  # as they begin, they say nothing
        for name, weight in made.named_parameters():
            if "controlnet" in name:
                weight.add_(0.05 * torch.randn_like(weight))
    return made


def flow_parts() -> dict[str, Any]:
    """Of Stable Diffusion 3, without its largest text encoder."""
    diffusers, _ = packages()
    torch.manual_seed(6)
    transformer = diffusers.SD3Transformer2DModel(
        sample_size=2 * SIDE // 8, patch_size=2, in_channels=16, num_layers=2,
        attention_head_dim=8, num_attention_heads=2, joint_attention_dim=3 * WORDS,
        caption_projection_dim=16, pooled_projection_dim=2 * WORDS, out_channels=16,
        pos_embed_max_size=12,
    )  # fmt: skip
    return {
        "transformer": transformer, "vae": vae(16, 1.5, 0.06),
        "scheduler": diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0),
        "text_encoder": text_encoder(True), "tokenizer": tokenizer(),
        "text_encoder_2": text_encoder(True), "tokenizer_2": tokenizer(),
        "text_encoder_3": None, "tokenizer_3": None,
    }  # fmt: skip


def save_fixer(folder: Path, *, reference: bool = True, rank: int = 2) -> Path:
    """A fixer with the names that the published ones have: skips, and low-rank additions."""
    parts = stable(rescale_betas_zero_snr=False)
    pipeline("StableDiffusionImg2ImgPipeline", parts).save_pretrained(folder)
    torch.manual_seed(7)
    weights = {}
    plain = parts["vae"].state_dict()
    for name, value in plain.items():
        stem = name.rpartition(".")[0]
        if not name.startswith("decoder.") or plain[f"{stem}.weight"].dim() == 1:
            weights[name] = value
        elif name.endswith("weight"):
            low_rank(weights, name, value, rank)
        else:
            weights[f"{stem}.base_layer.bias"] = value
    for k, shape in enumerate([(16, 16), (16, 8), (16, 8), (8, 8)]):
        low_rank(weights, f"decoder.skip_conv_{k + 1}.weight", torch.randn(*shape, 1, 1), rank)
    save_file(
        {n: w.contiguous() for n, w in weights.items()},
        next((folder / "vae").glob("*.safetensors")),
    )
    index = json.loads((folder / "model_index.json").read_text())
    index |= {"_class_name": "DifixPipeline", "vae": ["autoencoder_kl", "AutoencoderKL"]}
    index["unet"] = ["unet_2d_condition" if reference else "diffusers", "UNet2DConditionModel"]
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def low_rank(weights: dict[str, Any], name: str, value: Any, rank: int) -> None:
    stem = name.removesuffix(".weight")
    weights[f"{stem}.base_layer.weight"] = value.detach()
    weights[f"{stem}.lora_A.vae_skip.weight"] = 0.3 * torch.randn(rank, *value.shape[1:])
    high = 0.3 * torch.randn(len(value), rank, *([1] * (value.dim() - 2)))
    weights[f"{stem}.lora_B.vae_skip.weight"] = high
