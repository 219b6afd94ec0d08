"""Prompts as the vectors that a denoiser is told, made once: text encoders are let go at once."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from core.errors import UserError
from core.prior.backends.files import AGAIN, first_line, imported
from core.prior.backends.parts import Place, load_part
from core.prior.sampler import Conditions

WORDS, POOLED = "words", "pooled"
T5_LENGTH = 256  # tokens that diffusers' pipeline gives to the text encoder that is left out


def clip_words(folder: Path, texts: tuple[str, ...], place: Place) -> list[Conditions]:
    """Of each text, `words` [1, L, C]: the last states of CLIP's text encoder (Rombach, 2022)."""
    answers = _asked(folder, "", "CLIPTextModel", texts, place)
    return [{WORDS: each.last_hidden_state} for each in answers]


def sd3_words(folder: Path, texts: tuple[str, ...], place: Place, width: int) -> list[Conditions]:
    """Of each text, `words` [1, L, width] and `pooled` [1, C] (Esser et al., 2024, figure 2).

    From the two CLIPs. In place of T5, more than half of all weights, stand zeros, as in
    diffusers' pipeline without it: the network was trained to do without it now and then.
    """
    kind = "CLIPTextModelWithProjection"
    pairs = zip(*(_asked(folder, suffix, kind, texts, place) for suffix in ("", "_2")), strict=True)
    found: list[Conditions] = []
    for one, two in pairs:
        both = torch.cat([one.hidden_states[-2], two.hidden_states[-2]], dim=2)
        wide = pad(both, (0, width - both.shape[2], 0, T5_LENGTH))
        found.append({WORDS: wide, POOLED: torch.cat([one.text_embeds, two.text_embeds], dim=1)})
    return found


def _asked(folder: Path, suffix: str, kind: str, texts: tuple[str, ...], place: Place) -> list[Any]:
    """What the text encoder and its tokenizer say of each text."""
    transformers = imported("transformers")
    where = folder / f"tokenizer{suffix}"
    try:
        tokenizer = transformers.CLIPTokenizer.from_pretrained(str(where), local_files_only=True)
    except Exception as error:
        raise UserError(
            f"In {folder}, tokenizer{suffix} is missing or damaged ({first_line(error)}).",
            hint=AGAIN,
        ) from error
    encoder = load_part(folder, f"text_encoder{suffix}", kind, place)
    length = min(tokenizer.model_max_length, encoder.config.max_position_embeddings)
    answers = []
    for text in texts:
        tokens = tokenizer(
            text, padding="max_length", max_length=length, truncation=True, return_tensors="pt"
        ).input_ids
        with torch.no_grad():
            answers.append(encoder(tokens.to(place.device), output_hidden_states=True))
    return answers


def width_of(conditions: Conditions) -> int:
    """Channels of the words."""
    words: Tensor = conditions[WORDS]
    return words.shape[2]
