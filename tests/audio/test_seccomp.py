"""The filter as a program: what it decides, by an interpreter of our own, for both processors."""

import re
import struct
from pathlib import Path

import pytest

from bot.audio import seccomp

KILL, EAGAIN, EPERM, ALLOW = 0x8000_0000, 0x0005_000B, 0x0005_0001, 0x7FFF_0000
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}

each_processor = pytest.mark.parametrize("machine", seccomp.NUMBERS)


def decision(machine: str, number: int, third: int = 0, architecture: int | None = None) -> int:
    asked = ARCHITECTURES[machine] if architecture is None else architecture
    data = struct.pack("=iIQ6Q", number, asked, 0, 0, 0, third, 0, 0, 0)
    steps = list(struct.iter_unpack("=HBBI", seccomp.program(machine)))
    loaded = at = 0
    while True:
        code, then, otherwise, operand = steps[at]
        at += 1
        match code:
            case 0x20:
                [loaded] = struct.unpack_from("=I", data, operand)
            case 0x15:
                at += then if loaded == operand else otherwise
            case 0x45:
                at += then if loaded & operand else otherwise
            case 0x06:
                return int(operand)
            case _:
                raise AssertionError(code)


@each_processor
def test_every_call_but_the_listed_ones_kills(machine: str) -> None:
    numbers = seccomp.NUMBERS[machine]
    wanted = {numbers[name]: ALLOW for name in (*seccomp.ALLOWED, *seccomp.MEMORY)}
    wanted |= {numbers[name]: EAGAIN for name in seccomp.THREADS}
    for number in range(600):
        assert decision(machine, number) == wanted.get(number, KILL), number


@each_processor
def test_memory_to_execute_is_refused(machine: str) -> None:
    for name in seccomp.MEMORY:
        number = seccomp.NUMBERS[machine][name]
        assert [decision(machine, number, third) for third in range(8)] == 4 * [ALLOW] + 4 * [EPERM]


@each_processor
def test_calls_by_the_rules_of_other_processors_kill(machine: str) -> None:
    number = seccomp.NUMBERS[machine]["read"]
    for architecture in {0, 0x40000003, *ARCHITECTURES.values()} - {ARCHITECTURES[machine]}:
        assert decision(machine, number, architecture=architecture) == KILL
    assert decision(machine, number | 0x4000_0000) == KILL


@each_processor
def test_the_numbers_are_those_of_the_kernels_headers(machine: str) -> None:
    if not HEADERS[machine].exists():
        pytest.skip("no kernel headers here")
    text = HEADERS[machine].read_text()
    told = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text))
    ours = {name: str(number) for name, number in seccomp.NUMBERS[machine].items()}
    assert {name: told.get(name) for name in ours} == ours
