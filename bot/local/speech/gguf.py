"""GGUF files of language models: what they say of themselves, and their weights as float32.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.local.speech.pinned import DataDamaged

Weights = NDArray[np.float32]

_MAGIC, _VERSION = 0x46554747, 3
_ALIGNMENT = 32
_NUMBERS = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q",
    12: "<d",
}  # fmt: skip
_TEXT, _ARRAY = 8, 9
_BLOCK = 32


@dataclass(frozen=True, slots=True)
class Model:
    """A file that was read.

    Attributes:
        about: its keys and values.
        weights: by name.

    """

    about: Mapping[str, Any]
    weights: Mapping[str, Weights]


def read_gguf(path: Path) -> Model:
    """Read a whole file.

    Raises:
        DataDamaged: it is of another format or kind, or cut off.

    """
    data = np.asarray(np.memmap(path, np.uint8, "r"))
    try:
        return _read(data)
    except (struct.error, ValueError, KeyError) as error:
        raise DataDamaged(f"{path.name} is not a model that can be read: {error}") from error


def _read(data: "NDArray[np.uint8]") -> Model:
    cursor = _Cursor(data)
    if (cursor.number("<I"), cursor.number("<I")) != (_MAGIC, _VERSION):
        raise ValueError("another format or version")
    tensors, values = cursor.number("<Q"), cursor.number("<Q")
    about = {cursor.text(): cursor.value(cursor.number("<I")) for _ in range(values)}
    entries = [cursor.entry() for _ in range(tensors)]
    alignment = int(about.get("general.alignment", _ALIGNMENT))
    begin = -(-cursor.at // alignment) * alignment
    return Model(about, {e.name: _weights(data[begin + e.offset :], e) for e in entries})


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where one tensor lies, and how it is packed; `shape` has the slowest dimension first."""

    name: str
    shape: tuple[int, ...]
    packing: int
    offset: int


class _Cursor:
    """Reads one thing after another."""

    def __init__(self, data: "NDArray[np.uint8]") -> None:
        self._data = data
        self.at = 0

    def number(self, kind: str) -> Any:  # noqa: ANN401 - int, float or bool, as `kind` says
        return struct.unpack(kind, self._take(struct.calcsize(kind)))[0]

    def text(self) -> str:
        return self._take(self.number("<Q")).decode("utf-8", "replace")

    def value(self, kind: int) -> Any:  # noqa: ANN401 - whatever the file says
        if kind == _TEXT:
            return self.text()
        if kind != _ARRAY:
            return self.number(_NUMBERS[kind])
        item, count = self.number("<I"), self.number("<Q")
        return [self.value(item) for _ in range(count)]

    def entry(self) -> _Entry:
        name = self.text()
        dimensions = [self.number("<Q") for _ in range(self.number("<I"))]
        return _Entry(name, tuple(dimensions[::-1]), self.number("<I"), self.number("<Q"))

    def _take(self, count: int) -> bytes:
        taken = self._data[self.at : self.at + count].tobytes()
        self.at += count
        return taken


def _weights(data: "NDArray[np.uint8]", entry: _Entry) -> Weights:
    count = int(np.prod(entry.shape))
    unpack = _PACKINGS.get(entry.packing)
    if unpack is None:
        raise ValueError(f"{entry.name} is packed in an unknown way ({entry.packing})")
    return np.ascontiguousarray(unpack(data, count).reshape(entry.shape), np.float32)


def _plain(data: "NDArray[np.uint8]", count: int) -> Weights:
    return np.frombuffer(data[: 4 * count].tobytes(), "<f4")


def _q8_0(data: "NDArray[np.uint8]", count: int) -> Weights:
    """A scale (fp16) and 32 signed bytes a block."""
    blocks = data[: count // _BLOCK * 34].reshape(-1, 34)
    unpacked: Weights = blocks[:, 2:].view(np.int8).astype(np.float32) * _half(blocks[:, :2])
    return unpacked


def _q4_1(data: "NDArray[np.uint8]", count: int) -> Weights:
    """A scale and a least value (fp16), and 32 half bytes a block: first the low halves."""
    blocks = np.array(data[: count // _BLOCK * 20]).reshape(-1, 20)
    halves = np.concatenate([blocks[:, 4:] & 15, blocks[:, 4:] >> 4], 1).astype(np.float32)
    unpacked: Weights = halves * _half(blocks[:, :2]) + _half(blocks[:, 2:4])
    return unpacked


def _half(pair: "NDArray[np.uint8]") -> Weights:
    return np.ascontiguousarray(pair).view("<f2").astype(np.float32)


_PACKINGS: Mapping[int, Callable[["NDArray[np.uint8]", int], Weights]] = {
    0: _plain,
    3: _q4_1,
    8: _q8_0,
}
