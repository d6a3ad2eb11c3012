"""Speech to text: Moonshine tiny for English, whose data files onnxruntime runs.

The files lie in the package `moonshine_voice`, which is never imported: none of its code runs.
"""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np

from bot.local.speech.cuts import spoken_pieces
from bot.local.speech.pcm import Samples, resample, to_samples
from bot.local.speech.pinned import DataDamaged, verify

_RATE_HZ = 16_000
_ENCODER, _DECODER, _TOKENS = "encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin"
_DIGESTS = {
    _ENCODER: "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221",
    _DECODER: "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0",
    _TOKENS: "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d",
}
_BEGIN, _END = 1, 2
_SHORTEST_S = 0.1
_TOKENS_PER_S = 6.5
_LEAST_TOKENS = 8
_THREADS = 2

Past = dict[str, Any]
"""What the decoder keeps from token to token, by the names of its inputs."""


def find_model() -> Path:
    """Find the folder of the data files in the installed package.

    Raises:
        DataDamaged: the package is not there, or of a version without them.

    """
    spec = importlib.util.find_spec("moonshine_voice")
    places = (spec.submodule_search_locations or ()) if spec else ()
    folders = (Path(place) / "assets" / "tiny-en" for place in places)
    folder = next((folder for folder in folders if folder.is_dir()), None)
    if folder is None:
        raise DataDamaged("the package moonshine-voice 0.1.0 is not installed")
    return folder


class Moonshine:
    """Hears English, about 25 times as fast as it was said. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Load the model.

        Raises:
            DataDamaged: the files are not the ones this was written for.

        """
        verify(folder, _DIGESTS)
        self._encoder = _session(folder / _ENCODER)
        self._decoder = _session(folder / _DECODER)
        self._tokens = read_tokens((folder / _TOKENS).read_bytes())
        self._shapes = {
            put.name: put.shape
            for put in self._decoder.get_inputs()
            if put.name.startswith("past_key_values")
        }
        self._outputs = [put.name for put in self._decoder.get_outputs()]

    def hear(self, pcm: bytes) -> str:
        """Write down what is said in s16le samples, mono, 24 kHz; nothing where nobody speaks."""
        samples = resample(to_samples(pcm), _RATE_HZ)
        heard = (self._transcribe(piece) for piece in spoken_pieces(samples, _RATE_HZ))
        return " ".join(text for text in heard if text)

    def _transcribe(self, samples: Samples) -> str:
        if len(samples) < _SHORTEST_S * _RATE_HZ:
            return ""
        sound = samples[None]
        fed = {"input_values": sound, "attention_mask": np.ones(sound.shape, np.int64)}
        wanted = {put.name for put in self._encoder.get_inputs()}
        encoded = self._encoder.run(None, {k: v for k, v in fed.items() if k in wanted})[0]
        return self._write(self._decode(encoded, sound.shape))

    def _decode(self, encoded: Samples, shape: tuple[int, ...]) -> list[int]:
        """Take the likeliest token after each, up to as many as anybody speaks."""
        given = {"encoder_hidden_states": encoded}
        if any(put.name == "encoder_attention_mask" for put in self._decoder.get_inputs()):
            given["encoder_attention_mask"] = np.ones(shape, np.int64)
        most = max(_LEAST_TOKENS, int(shape[1] / _RATE_HZ * _TOKENS_PER_S))
        past = self._no_past()
        tokens: list[int] = []
        while len(tokens) < most:
            token, past = self._next(tokens, past, given)
            if token == _END:
                break
            tokens.append(token)
        return tokens

    def _next(self, tokens: list[int], past: Past, given: dict[str, Any]) -> tuple[int, Past]:
        fed = {
            "input_ids": np.array([[tokens[-1] if tokens else _BEGIN]], np.int64),
            "use_cache_branch": np.array([bool(tokens)]),
            **given,
            **past,
        }
        results = dict(zip(self._outputs, self._decoder.run(None, fed), strict=True))
        # What is kept of the sound itself is made with the first token alone.
        fresh = {
            name: results[name.replace("past_key_values", "present")]
            for name in past
            if not tokens or ".decoder." in name
        }
        return int(results["logits"][0, -1].argmax()), {**past, **fresh}

    def _no_past(self) -> Past:
        return {
            name: np.zeros((1, heads, 0, width), np.float32)
            for name, (_, heads, _, width) in self._shapes.items()
        }

    def _write(self, tokens: list[int]) -> str:
        data = b"".join(self._tokens[token] for token in tokens if token > _END)
        return data.decode("utf-8", "replace").replace("▁", " ").strip()


def read_tokens(data: bytes) -> list[bytes]:
    """Read the vocabulary: each token after its length, which takes a second byte from 128 on."""
    tokens, at = [], 0
    while at < len(data):
        size, at = data[at], at + 1
        if size >= 128:
            size, at = data[at] * 128 + size - 128, at + 1
        tokens.append(data[at : at + size])
        at += size
    return tokens


def _session(path: Path) -> Any:  # noqa: ANN401 - the library has no types
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _THREADS
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
