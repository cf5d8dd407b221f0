"""Headers of programs, real ones and broken ones."""

import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.elf import elf_summary


def test_the_program_that_runs_this_test() -> None:
    with Path(sys.executable).resolve().open("rb") as file:
        told = elf_summary(file.read(65536))
    assert told[0].startswith("ELF 64-bit, little endian")
    assert any(line.startswith("loader /lib") for line in told)


def test_a_big_endian_object_file() -> None:
    head = b"\x7fELF\x01\x02\x01\x00" + bytes(8) + b"\x00\x01\x00\x08" + bytes(40)
    assert elf_summary(head) == ("ELF 32-bit, big endian, System V", "object file for MIPS")


def test_what_is_no_program_tells_nothing() -> None:
    for head in (b"", b"\x7fELF", b"#!/bin/sh\n" * 10, b"\x7fELF\x09\x09" + bytes(60)):
        assert elf_summary(head) == ()


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(rest: bytes) -> None:
    for start in (b"\x7fELF\x02\x01", b"\x7fELF\x01\x02"):
        elf_summary(start + rest)
