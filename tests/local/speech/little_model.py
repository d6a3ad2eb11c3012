"""A GGUF file of a very little Llama, made up, but of the right shape."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WORDS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
LETTERS = [chr(byte) for byte in [*range(33, 127)]] + ["Ġ", "Ċ"]
MERGES = ["h e", "l l", "he ll", "hell o", "Ġ hello"]
VOCABULARY = [*WORDS, *LETTERS, "he", "ll", "hell", "hello", "Ġhello"]
WIDTH, HEADS, KEPT_HEADS, LAYERS, FEED = 64, 4, 2, 2, 96

ABOUT: Mapping[str, Any] = {
    "llama.block_count": LAYERS,
    "llama.attention.head_count": HEADS,
    "llama.attention.head_count_kv": KEPT_HEADS,
    "llama.embedding_length": WIDTH,
    "llama.attention.layer_norm_rms_epsilon": 1e-5,
    "llama.rope.freq_base": 10_000.0,
    "tokenizer.ggml.tokens": VOCABULARY,
    "tokenizer.ggml.merges": MERGES,
    "general.flags": [True, False],
}

Tensor = tuple[int, tuple[int, ...], bytes]
"""Packing, shape (the slowest dimension first), and data."""


def little_weights(seed: int = 0) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(seed)

    def of(*shape: int) -> NDArray[np.float32]:
        return random.normal(0, 0.3, shape).astype(np.float32)

    kept = WIDTH // HEADS * KEPT_HEADS
    weights = {"token_embd.weight": of(len(VOCABULARY), WIDTH), "output_norm.weight": of(WIDTH)}
    for n in range(LAYERS):
        shapes = {
            "attn_norm": (WIDTH,), "attn_q": (WIDTH, WIDTH), "attn_k": (kept, WIDTH),
            "attn_v": (kept, WIDTH), "attn_output": (WIDTH, WIDTH), "ffn_norm": (WIDTH,),
            "ffn_gate": (FEED, WIDTH), "ffn_up": (FEED, WIDTH), "ffn_down": (WIDTH, FEED),
        }  # fmt: skip
        weights |= {f"blk.{n}.{name}.weight": of(*shape) for name, shape in shapes.items()}
    return weights


def write_gguf(path: Path, about: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Path:
    head = struct.pack("<IIQQ", 0x46554747, 3, len(tensors), len(about))
    head += b"".join(_text(key) + _value(value) for key, value in about.items())
    data = b""
    for name, (packing, shape, packed) in tensors.items():
        dimensions = struct.pack(f"<{len(shape)}Q", *reversed(shape))
        head += _text(name) + struct.pack("<I", len(shape)) + dimensions
        head += struct.pack("<IQ", packing, len(data))
        data += packed + bytes(-len(packed) % 32)
    path.write_bytes(head + bytes(-len(head) % 32) + data)
    return path


def write_little_model(path: Path, seed: int = 0) -> Path:
    tensors = {n: (0, w.shape, w.tobytes()) for n, w in little_weights(seed).items()}
    return write_gguf(path, ABOUT, tensors)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value: float | Sequence[str] | Sequence[bool]) -> bytes:
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    texts = [_text(each) for each in value if isinstance(each, str)]
    head = struct.pack("<IIQ", 9, 8 if texts else 7, len(value))
    return head + (b"".join(texts) or bytes(map(bool, value)))
