"""Llama-like language models in plain numpy: from tokens to the likelihood of the next one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.local.speech.gguf import Model, Weights

_HIDDEN = np.float32(-1e9)


@dataclass(frozen=True, slots=True)
class _Layer:
    """The weights of one layer; `queries_keys_values` and `gate_and_up` are several in one."""

    attention_norm: Weights
    queries_keys_values: Weights
    output: Weights
    feed_norm: Weights
    gate_and_up: Weights
    down: Weights


@dataclass(frozen=True, slots=True)
class _Kept:
    """One layer's keys and values of the tokens so far."""

    keys: Weights
    values: Weights


class Llama:
    """One model. Many may read it at once, each in a `Reading` of its own."""

    def __init__(self, model: Model) -> None:
        about, weights = model.about, model.weights
        self.heads = int(about["llama.attention.head_count"])
        self.kept_heads = int(about["llama.attention.head_count_kv"])
        self.width = int(about["llama.embedding_length"]) // self.heads
        self._epsilon = float(about["llama.attention.layer_norm_rms_epsilon"])
        base = float(about["llama.rope.freq_base"])
        turns = base ** (-np.arange(0, self.width, 2) / self.width)
        self._turns = turns.astype(np.float32)
        self._words = weights["token_embd.weight"]
        self._norm = weights["output_norm.weight"]
        self._layers = [_layer(model, n) for n in range(int(about["llama.block_count"]))]

    def read(self, most: int) -> "Reading":
        """Begin to read up to so many tokens."""
        return Reading(self, self._empty(most))

    def forward(self, tokens: Sequence[int], kept: Sequence[_Kept], start: int) -> Weights:
        """Read tokens, of which `start` went before; how likely each token is to come next."""
        state = self._words[np.asarray(tokens)]
        places = np.arange(start, start + len(tokens), dtype=np.float32)
        for layer, memory in zip(self._layers, kept, strict=True):
            asked = self._normal(state, layer.attention_norm) @ layer.queries_keys_values
            state = state + self._attend(asked, memory, places) @ layer.output
            state = state + _feed(self._normal(state, layer.feed_norm), layer)
        likely: Weights = self._normal(state[-1], self._norm) @ self._words.T
        return likely

    def _empty(self, most: int) -> list[_Kept]:
        shape = (most, self.kept_heads, self.width)
        return [
            _Kept(np.zeros(shape, np.float32), np.zeros(shape, np.float32)) for _ in self._layers
        ]

    def _attend(self, asked: Weights, memory: _Kept, places: Weights) -> Weights:
        """Let each token look at those before it; several heads share each head that is kept."""
        count, start = len(places), int(places[0])
        end = start + count
        queries, keys, values = np.split(
            asked, [self.heads * self.width, (self.heads + self.kept_heads) * self.width], axis=1
        )
        memory.keys[start:end] = self._turn(keys.reshape(count, self.kept_heads, -1), places)
        memory.values[start:end] = values.reshape(count, self.kept_heads, -1)
        turned = self._turn(queries.reshape(count, self.heads, -1), places)
        shared = self.heads // self.kept_heads
        grouped = turned.reshape(count, self.kept_heads, shared, -1).transpose(1, 2, 0, 3)
        scores = grouped @ memory.keys[:end].transpose(1, 2, 0)[:, None] / np.sqrt(self.width)
        later = np.triu(np.full((count, end), _HIDDEN, np.float32), start + 1)
        looked = _softmax(scores.astype(np.float32) + later)
        seen = looked @ memory.values[:end].transpose(1, 0, 2)[:, None]
        merged: Weights = seen.transpose(2, 0, 1, 3).reshape(count, -1)
        return merged

    def _turn(self, vectors: Weights, places: Weights) -> Weights:
        """Mark places: neighbouring numbers turn like a pair of coordinates."""
        angles = places[:, None, None] * self._turns
        cosine, sine = np.cos(angles), np.sin(angles)
        turned = np.empty_like(vectors)
        even, odd = vectors[..., ::2], vectors[..., 1::2]
        turned[..., ::2] = even * cosine - odd * sine
        turned[..., 1::2] = even * sine + odd * cosine
        return turned

    def _normal(self, state: Weights, weights: Weights) -> Weights:
        mean = (state * state).mean(-1, keepdims=True)
        normal = state * (weights / np.sqrt(mean + self._epsilon))
        return normal.astype(np.float32, copy=False)


class Reading:
    """One text as it is read and written, token by token."""

    def __init__(self, model: Llama, kept: Sequence[_Kept]) -> None:
        self._model = model
        self._kept = kept
        self._count = 0

    def read(self, tokens: Sequence[int]) -> "NDArray[np.float32]":
        """Read on; how likely each token is to come next."""
        likely = self._model.forward(tokens, self._kept, self._count)
        self._count += len(tokens)
        return likely

    def write(self, prompt: Sequence[int], most: int, *, repeat: float = 1.1) -> Iterator[int]:
        """Go on with the likeliest token each time, and rather not with those that were written."""
        written: list[int] = []
        likely = self.read(prompt)
        for _ in range(most):
            for token in set(written):
                likely[token] *= 1 / repeat if likely[token] > 0 else repeat
            written.append(int(likely.argmax()))
            yield written[-1]
            likely = self.read(written[-1:])


def _layer(model: Model, number: int) -> _Layer:
    def weights(name: str) -> Weights:
        return model.weights[f"blk.{number}.{name}.weight"]

    attention = [weights(name) for name in ("attn_q", "attn_k", "attn_v")]
    return _Layer(
        attention_norm=weights("attn_norm"),
        queries_keys_values=np.concatenate(attention).T.copy(),
        output=weights("attn_output").T.copy(),
        feed_norm=weights("ffn_norm"),
        gate_and_up=np.concatenate([weights("ffn_gate"), weights("ffn_up")]).T.copy(),
        down=weights("ffn_down").T.copy(),
    )


def _feed(state: Weights, layer: _Layer) -> Weights:
    gate, up = np.split(state @ layer.gate_and_up, 2, axis=-1)
    fed: Weights = (gate / (1 + np.exp(-gate)) * up) @ layer.down
    return fed


def _softmax(scores: Weights) -> Weights:
    grown = np.exp(scores - scores.max(-1, keepdims=True))
    shares = grown / grown.sum(-1, keepdims=True)
    return shares.astype(np.float32, copy=False)
