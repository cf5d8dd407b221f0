"""What the header of a program or library in ELF tells."""

import struct

_TYPES = {1: "object file", 2: "program", 3: "shared object or position-independent program", 4: "core dump"}
_MACHINES = {
    3: "x86",
    8: "MIPS",
    20: "PowerPC",
    21: "PowerPC 64",
    22: "S390",
    40: "ARM",
    62: "x86-64",
    183: "AArch64",
    190: "CUDA",
    224: "AMD GPU",
    243: "RISC-V",
    258: "LoongArch",
}
_SYSTEMS = {0: "System V", 3: "Linux", 9: "FreeBSD", 51: "CUDA"}
_MAGIC = b"\x7fELF"
_INTERPRETER = 3
_MOST_SEGMENTS = 256
_LONGEST_PATH = 512


def elf_summary(head: bytes) -> tuple[str, ...]:
    """What kind of program it is, for which machine, and its loader; empty when it is no ELF file.

    Args:
        head: The beginning of the file; more than the header tells the loader as well.
    """
    if len(head) < 20 or not head.startswith(_MAGIC) or head[4] not in (1, 2) or head[5] not in (1, 2):
        return ()
    wide, order = head[4] == 2, "<" if head[5] == 1 else ">"
    kind, machine = struct.unpack_from(f"{order}HH", head, 16)
    bits, end = (64 if wide else 32), ("little" if order == "<" else "big")
    lines = [
        f"ELF {bits}-bit, {end} endian, {_SYSTEMS.get(head[7], f'system {head[7]}')}",
        f"{_TYPES.get(kind, f'type {kind}')} for {_MACHINES.get(machine, f'machine {machine}')}",
    ]
    if loader := _loader(head, wide=wide, order=order):
        lines.append(f"loader {loader}")
    return tuple(lines)


def _loader(head: bytes, *, wide: bool, order: str) -> str:
    try:
        if wide:
            (start,) = struct.unpack_from(f"{order}Q", head, 32)
            size, count = struct.unpack_from(f"{order}HH", head, 54)
        else:
            (start,) = struct.unpack_from(f"{order}I", head, 28)
            size, count = struct.unpack_from(f"{order}HH", head, 42)
        for number in range(min(count, _MOST_SEGMENTS)):
            at = start + number * size
            if struct.unpack_from(f"{order}I", head, at)[0] != _INTERPRETER:
                continue
            if wide:
                (offset,) = struct.unpack_from(f"{order}Q", head, at + 8)
                (length,) = struct.unpack_from(f"{order}Q", head, at + 32)
            else:
                (offset,) = struct.unpack_from(f"{order}I", head, at + 4)
                (length,) = struct.unpack_from(f"{order}I", head, at + 16)
            return head[offset : offset + min(length, _LONGEST_PATH)].rstrip(b"\0").decode("utf-8", "replace")
    except struct.error:
        pass  # cut short, or its offsets point beyond what was read
    return ""
