"""Small random pipelines that edit pictures and make bodies, saved by the package itself."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.prior.backends.pipelines import quiet
from tests import prior_networks as networks

ENDS = ["<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>"]
PADS = ["<|image_pad|>", "<|video_pad|>"]
TALK = (
    "{% for m in messages %}<|im_start|>{{m.role}}\n{{m.content}}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n"
)
ROPE = {"mrope_section": [1, 1, 2], "rope_type": "default", "type": "default"}
CHANNELS = 4  # of latents


def saved(folder: Path, made: Any) -> Path:
    made.save_pretrained(folder)
    return folder


def flow() -> Any:
    diffusers, _ = networks.packages()
    return diffusers.FlowMatchEulerDiscreteScheduler()


def letters() -> Any:
    """A tokenizer that knows no more than bytes."""
    _, transformers = networks.packages()
    pre = pytest.importorskip("tokenizers").pre_tokenizers
    vocabulary = {letter: k for k, letter in enumerate(sorted(pre.ByteLevel.alphabet()))}
    made = transformers.Qwen2Tokenizer(vocab=vocabulary, merges=[])
    made.add_special_tokens({"additional_special_tokens": [*ENDS, *PADS]})
    made.chat_template = TALK
    return made


def klein(*, taught: bool = True) -> Any:
    """FLUX.2-klein."""
    diffusers, transformers = networks.packages()
    tokenizer = letters()
    torch.manual_seed(0)
    config = transformers.Qwen3Config(
        intermediate_size=16, hidden_size=16, num_hidden_layers=28, num_attention_heads=2,
        num_key_value_heads=2, head_dim=8, vocab_size=len(tokenizer), max_position_embeddings=512,
    )  # fmt: skip
    vae = diffusers.AutoencoderKLFlux2(
        sample_size=32, down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4, block_out_channels=(4,) * 4, layers_per_block=1,
        latent_channels=1, norm_num_groups=1, use_quant_conv=False, use_post_quant_conv=False,
    )  # fmt: skip
    transformer = diffusers.Flux2Transformer2DModel(
        patch_size=1, in_channels=4, num_layers=1, num_single_layers=1, attention_head_dim=16,
        num_attention_heads=2, joint_attention_dim=48, timestep_guidance_channels=256,
        axes_dims_rope=[4, 4, 4, 4], guidance_embeds=False,
    )  # fmt: skip
    return diffusers.Flux2KleinPipeline(
        flow(), vae, transformers.Qwen3ForCausalLM(config), tokenizer, transformer,
        is_distilled=taught,
    )  # fmt: skip


def kontext() -> Any:
    """FLUX.1-Kontext."""
    diffusers, transformers = networks.packages()
    tokens = pytest.importorskip("tokenizers")
    torch.manual_seed(0)
    config = transformers.T5Config(
        vocab_size=40, d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2,
        decoder_start_token_id=0,
    )  # fmt: skip
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -1.0)]
    pieces += [(letter, -2.0) for letter in "abcdefghijklmnopqrstuvwxyz"]
    model = tokens.Tokenizer(tokens.models.Unigram(pieces, 2))
    two = transformers.T5TokenizerFast(tokenizer_object=model, extra_ids=0, model_max_length=16)
    transformer = diffusers.FluxTransformer2DModel(
        patch_size=1, in_channels=4 * CHANNELS, num_layers=1, num_single_layers=1,
        attention_head_dim=16, num_attention_heads=2, joint_attention_dim=16,
        pooled_projection_dim=networks.WORDS, axes_dims_rope=[4, 4, 8], guidance_embeds=True,
    )  # fmt: skip
    return diffusers.FluxKontextPipeline(
        flow(), networks.vae(CHANNELS, 0.5, 0.1), networks.text_encoder(), networks.tokenizer(),
        transformers.T5EncoderModel(config), two, transformer,
    )  # fmt: skip


def qwen() -> Any:
    """Qwen-Image-Edit; its processor wants torchvision."""
    diffusers, transformers = networks.packages()
    pytest.importorskip("torchvision", exc_type=ImportError)
    tokenizer = letters()
    image, video, start, end = (
        tokenizer.convert_tokens_to_ids(name) for name in [*PADS, *ENDS[2:]]
    )
    torch.manual_seed(0)
    config = transformers.Qwen2_5_VLConfig(
        text_config={
            "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2,
            "num_attention_heads": 2, "num_key_value_heads": 2, "rope_scaling": ROPE,
            "rope_theta": 1e6, "vocab_size": len(tokenizer),
        },
        vision_config={
            "depth": 2, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2,
            "out_hidden_size": 16,
        },
        vocab_size=len(tokenizer), image_token_id=image, video_token_id=video,
        vision_start_token_id=start, vision_end_token_id=end,
    )  # fmt: skip
    vae = diffusers.AutoencoderKLQwenImage(
        base_dim=8, z_dim=CHANNELS, dim_mult=[1] * 6, num_res_blocks=1,
        temperal_downsample=[False] * 5, latents_mean=[0.0] * CHANNELS,
        latents_std=[1.0] * CHANNELS,
    )  # fmt: skip
    transformer = diffusers.QwenImageTransformer2DModel(
        patch_size=2, in_channels=4 * CHANNELS, out_channels=CHANNELS, num_layers=1,
        attention_head_dim=16, num_attention_heads=2, joint_attention_dim=16,
        guidance_embeds=False, axes_dims_rope=(8, 4, 4),
    )  # fmt: skip
    processor = transformers.Qwen2VLProcessor(
        transformers.Qwen2VLImageProcessor(), tokenizer,
        transformers.Qwen2VLVideoProcessor(), chat_template=TALK,
    )  # fmt: skip
    return diffusers.QwenImageEditPipeline(
        flow(), vae, transformers.Qwen2_5_VLForConditionalGeneration(config), tokenizer, processor,
        transformer,
    )  # fmt: skip


def shap_e() -> Any:
    """Shap-E, whose bodies are of one size, whatever they are made of."""
    diffusers, transformers = networks.packages()
    from diffusers.pipelines.shap_e import ShapERenderer

    torch.manual_seed(0)
    width, hidden = 32, 8
    encoder = transformers.CLIPVisionConfig(
        hidden_size=width, image_size=32, projection_dim=width, intermediate_size=16,
        num_attention_heads=4, num_hidden_layers=1, patch_size=8,
    )  # fmt: skip
    processor = transformers.CLIPImageProcessorPil(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
    )
    prior = diffusers.PriorTransformer(
        num_attention_heads=2, attention_head_dim=16, embedding_dim=width, num_embeddings=32,
        embedding_proj_dim=width, time_embed_dim=4 * width, num_layers=1,
        clip_embed_dim=2 * width, additional_embeddings=0, time_embed_act_fn="gelu",
        norm_in_type="layer", embedding_proj_norm_type="layer", encoder_hid_proj_type=None,
        added_emb_type=None,
    )  # fmt: skip
    shapes = ((hidden, 93), (hidden, hidden), (hidden, hidden), (hidden, hidden))
    renderer = ShapERenderer(
        param_shapes=shapes, d_latent=width, d_hidden=hidden, n_output=12,
        background=(1.0, 1.0, 1.0),
    )  # fmt: skip
    with torch.no_grad():  # inside everywhere: its surface is the box that it looks into
        renderer.mlp.mlp[-1].bias[0] = 2.0
        for bits in range(1, 255):  # a fan of triangles over the edges that a surface crosses
            edges = crossed(bits)[:7]
            for k in range(len(edges) - 2):
                renderer.mesh_decoder.cases[bits, k] = torch.tensor(
                    [edges[0], *edges[k + 1 : k + 3]]
                )
                renderer.mesh_decoder.masks[bits, k] = True
    with quiet():
        scheduler = diffusers.HeunDiscreteScheduler(
            beta_schedule="exp", num_train_timesteps=1024, prediction_type="sample",
            use_karras_sigmas=True, clip_sample=True, clip_sample_range=1.0,
        )  # fmt: skip
    vision = transformers.CLIPVisionModel(encoder).eval()
    return diffusers.ShapEImg2ImgPipeline(prior, vision, processor, scheduler, renderer)


def crossed(bits: int) -> list[int]:
    """Edges of a cube between corners in and out; corner x + 2 y + 4 z is bit of that number."""
    found = []
    for axis in range(3):
        ahead, (one, two) = 1 << axis, [1 << each for each in range(3) if each != axis]
        for k in range(4):
            corner = one * (k % 2) + two * (k // 2)
            if (bits >> corner & 1) != (bits >> (corner + ahead) & 1):
                found.append(4 * axis + k)
    return found


def chair(side: int = 512) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A cut-out [side, side, 4] of a brown thing with four legs."""
    picture = np.zeros((side, side, 4), np.uint8)
    unit = side // 16
    picture[2 * unit : 9 * unit, 4 * unit : 12 * unit] = (150, 90, 40, 255)
    for left in (4, 10):
        picture[9 * unit : 14 * unit, left * unit : (left + 2) * unit] = (90, 50, 20, 255)
    return picture
