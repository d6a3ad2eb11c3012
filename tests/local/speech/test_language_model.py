"""The language model's parts: file, tokens, numbers, and the answer cut to whole sentences."""

import itertools
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.local.chat_server.engines import Line
from bot.local.speech import smollm
from bot.local.speech.fetch import Carried
from bot.local.speech.gguf import read_gguf
from bot.local.speech.llama import Llama
from bot.local.speech.pinned import DataDamaged, digest_of
from bot.local.speech.smollm import SmolLM, whole_sentences
from bot.local.speech.tokens import Tokenizer
from tests.local.speech.little_model import (
    ABOUT,
    HEADS,
    KEPT_HEADS,
    LAYERS,
    WIDTH,
    little_weights,
    write_gguf,
    write_little_model,
)

Numbers = NDArray[np.float64]

# --- the file


def test_a_file_says_what_it_is_and_holds_its_weights(tmp_path: Path) -> None:
    model = read_gguf(write_little_model(tmp_path / "little.gguf"))
    assert model.about["llama.block_count"] == LAYERS
    assert model.about["tokenizer.ggml.merges"] == ABOUT["tokenizer.ggml.merges"]
    assert model.about["general.flags"] == [True, False]
    for name, weights in little_weights().items():
        assert np.array_equal(model.weights[name], weights)


def test_packed_weights_are_unpacked(tmp_path: Path) -> None:
    eighths = struct.pack("<e", 0.5) + struct.pack("<32b", *range(-16, 16))
    quarters = struct.pack("<2e", 0.25, -1.0) + bytes(n | (15 - n) << 4 for n in range(16))
    tensors = {"eight": (8, (2, 16), eighths), "four": (3, (32,), quarters)}
    model = read_gguf(write_gguf(tmp_path / "packed.gguf", {}, tensors))
    assert model.weights["eight"].tolist() == (np.arange(-16, 16) / 2).reshape(2, 16).tolist()
    low, high = np.arange(16) / 4 - 1, np.arange(15, -1, -1) / 4 - 1
    assert model.weights["four"].tolist() == [*low, *high]


@pytest.mark.parametrize("damage", ["cut", "other", "packing"])
def test_another_or_a_broken_file_is_damaged_data(tmp_path: Path, damage: str) -> None:
    path = write_little_model(tmp_path / "little.gguf")
    whole = path.read_bytes()
    if damage == "packing":
        write_gguf(path, {}, {"odd": (99, (32,), bytes(64))})
    else:
        path.write_bytes(whole[: len(whole) // 2] if damage == "cut" else b"RIFF" + whole[4:])
    with pytest.raises(DataDamaged, match=r"little\.gguf"):
        read_gguf(path)


# --- tokens


def test_words_become_tokens_and_words_again() -> None:
    tokens = Tokenizer(ABOUT)
    spelt = tokens.encode("hello hello, you!\n")
    assert tokens.decode(spelt) == "hello hello, you!\n"
    assert len(spelt) == 9


def test_a_member_cannot_write_special_tokens() -> None:
    tokens = Tokenizer(ABOUT)
    assert tokens.special("<|im_end|>") == 2
    assert tokens.special("hello") is None
    assert 2 not in tokens.encode("Hi<|im_end|>")


# --- numbers


@pytest.fixture
def little(tmp_path: Path) -> Llama:
    return Llama(read_gguf(write_little_model(tmp_path / "little.gguf")))


def slow_logits(tokens: list[int]) -> Numbers:
    """The same model in the plainest way: one head, one place, one pair of numbers at a time."""
    w = {name: value.astype(np.float64) for name, value in little_weights().items()}
    size, states = WIDTH // HEADS, [w["token_embd.weight"][token] for token in tokens]

    def normal(x: Numbers, name: str) -> Numbers:
        normed: Numbers = x / np.sqrt((x**2).mean() + 1e-5) * w[name]
        return normed

    def turn(x: Numbers, place: int) -> Numbers:
        turns = 10_000.0 ** (-np.arange(0, size, 2) / size)
        turned = (x[::2] + 1j * x[1::2]) * np.exp(1j * place * turns)
        return np.stack([turned.real, turned.imag], 1).reshape(-1)

    for n in range(LAYERS):
        inside = [normal(x, f"blk.{n}.attn_norm.weight") for x in states]
        q, k, v = (
            [(w[f"blk.{n}.attn_{kind}.weight"] @ x).reshape(-1, size) for x in inside]
            for kind in "qkv"
        )
        for place, state in enumerate(states):
            seen = []
            for head in range(HEADS):
                kept = head // (HEADS // KEPT_HEADS)
                asked = turn(q[place][head], place)
                scores = [asked @ turn(k[p][kept], p) / np.sqrt(size) for p in range(place + 1)]
                share = np.exp(scores) / np.exp(scores).sum()
                seen.append(sum(s * v[p][kept] for p, s in enumerate(share)))
            states[place] = state + w[f"blk.{n}.attn_output.weight"] @ np.concatenate(seen)
        for place, state in enumerate(states):
            x = normal(state, f"blk.{n}.ffn_norm.weight")
            gate = w[f"blk.{n}.ffn_gate.weight"] @ x
            up = w[f"blk.{n}.ffn_up.weight"] @ x
            fed = gate / (1 + np.exp(-gate)) * up
            states[place] = state + w[f"blk.{n}.ffn_down.weight"] @ fed
    logits: Numbers = w["token_embd.weight"] @ normal(states[-1], "output_norm.weight")
    return logits


def test_the_model_counts_as_the_plainest_way_does(little: Llama) -> None:
    tokens = [5, 17, 40, 5, 99]
    assert np.allclose(little.read(5).read(tokens), slow_logits(tokens), atol=1e-3)


def test_reading_in_pieces_is_reading_at_once(little: Llama) -> None:
    tokens = [5, 17, 40, 5, 99, 3]
    at_once = little.read(6).read(tokens)
    reading = little.read(6)
    reading.read(tokens[:4])
    reading.read(tokens[4:5])
    assert np.allclose(reading.read(tokens[5:]), at_once, atol=1e-4)


def test_what_was_written_is_not_repeated_for_ever(little: Llama) -> None:
    written = list(little.read(60).write([5, 17], 40, repeat=1000.0))
    assert len(set(written)) > 20


# --- the answer


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Paris is it. And it is", "Paris is it."),
        ("Paris! Is it? Yes", "Paris! Is it?"),
        ("About 3.5 and", "About 3.5 and."),
        ("one, two,", "one, two."),
        ("  ", ""),
    ],
)
def test_an_answer_ends_with_a_sentence(text: str, cut: str) -> None:
    assert whole_sentences(text, keep_part=True) == cut


def test_half_a_sentence_is_no_answer_where_time_ran_out() -> None:
    assert whole_sentences("The play", keep_part=False) == ""
    assert whole_sentences("It is. The play", keep_part=False) == "It is."


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = write_little_model(tmp_path / "little.gguf")
    little = Carried("little==1", "", f"little/{path.name}", digest_of(path))
    monkeypatch.setattr(smollm, "SMOLLM2", little)
    return tmp_path


def test_it_answers_something_and_the_same_again(folder: Path) -> None:
    mind = SmolLM(folder)
    lines = [Line("member", "hello"), Line("model", "hello."), Line("member", "hello hello")]
    said = mind.think(lines)
    assert said
    assert mind.think(lines) == said


def test_it_stops_when_its_time_is_over(folder: Path) -> None:
    ticks = itertools.count(0, 1.0)
    short = SmolLM(folder, clock=lambda: next(ticks)).think([Line("member", "hello")])
    long = SmolLM(folder, clock=lambda: 0.0).think([Line("member", "hello")])
    assert long is not None
    assert len(short or "") < len(long)


def test_a_slow_machine_gets_time_for_one_sentence_and_not_for_ever(folder: Path) -> None:
    mind = SmolLM(folder, clock=lambda: 0.0)
    assert not mind._is_late(4.0, [])
    assert not mind._is_late(9.0, mind._tokens.encode("It is"))
    assert mind._is_late(5.0, mind._tokens.encode("It is. And"))
    assert mind._is_late(10.1, [])


def test_another_file_is_not_read(folder: Path) -> None:
    write_little_model(folder / "little.gguf", seed=1)
    with pytest.raises(DataDamaged, match="pinned"):
        SmolLM(folder)
