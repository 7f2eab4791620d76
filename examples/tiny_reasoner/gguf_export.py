"""Write a model as a GGUF file that llama.cpp serves."""
# ruff: noqa: INP001 - a folder of scripts

from __future__ import annotations

from typing import TYPE_CHECKING

import gguf
import numpy as np
import vocabulary
from model import EPSILON, ROTARY_BASE, Shape, Weights

if TYPE_CHECKING:
    from pathlib import Path

CONTEXT = 256
"""Tokens of a request: more than the longest of all questions and solutions."""

MATRICES = {
    "query": "attn_q",
    "key": "attn_k",
    "value": "attn_v",
    "out": "attn_output",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}
NORMS = {"attention_norm": "attn_norm", "hidden_norm": "ffn_norm"}


def write_gguf(path: Path, *, name: str, shape: Shape, weights: Weights) -> None:
    """Write a model: matrices with 16 bits a number, norms with 32."""
    file = gguf.GGUFWriter(path, "llama")
    file.add_name(name)
    file.add_license("Apache-2.0")
    file.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    file.add_context_length(CONTEXT)
    file.add_embedding_length(shape.width)
    file.add_block_count(shape.layers)
    file.add_feed_forward_length(shape.hidden)
    file.add_head_count(shape.heads)
    file.add_head_count_kv(shape.heads)
    file.add_layer_norm_rms_eps(EPSILON)
    file.add_rope_dimension_count(shape.head_width)
    file.add_rope_freq_base(ROTARY_BASE)
    _add_vocabulary(file)

    def add(tensor: str, array: object, kind: type = np.float16) -> None:
        file.add_tensor(f"{tensor}.weight", np.ascontiguousarray(array, dtype=kind))

    add("token_embd", weights["embedding"])
    add("output_norm", weights["norm"], np.float32)
    add("output", weights["head"])
    for layer, block in enumerate(weights["blocks"]):
        for ours, theirs in NORMS.items():
            add(f"blk.{layer}.{theirs}", block[ours], np.float32)
        # Its matrices are (outputs, inputs).
        for ours, theirs in MATRICES.items():
            add(f"blk.{layer}.{theirs}", np.asarray(block[ours]).T)
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


def _add_vocabulary(file: gguf.GGUFWriter) -> None:
    marks = [b"<unk>", b"<s>", b"</s>"]
    file.add_vocab_size(vocabulary.SIZE)
    file.add_tokenizer_model("llama")
    file.add_token_list([*marks, *(f"<0x{byte:02X}>".encode() for byte in range(256))])
    file.add_token_scores([0.0] * vocabulary.SIZE)
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    file.add_token_types([*kinds, *[gguf.TokenType.BYTE] * 256])
    file.add_unk_token_id(vocabulary.UNKNOWN)
    file.add_bos_token_id(vocabulary.BEGIN)
    file.add_eos_token_id(vocabulary.END)
    file.add_add_bos_token(value=True)
    file.add_add_eos_token(value=False)
    file.add_add_space_prefix(value=False)
    # A chat is what is asked, without names of who speaks, each message in a line.
    file.add_chat_template(
        "{% for message in messages %}{{ message['content'] + '\n' }}{% endfor %}"
    )
