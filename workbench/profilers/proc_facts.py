"""Facts of processes from /proc, by a script that runs here or, as text, in a Python of any age beside the target.

The standard library of Python 3.6 and nothing else. Its answer is plain JSON values, read again as hostile text.
"""

import json
import os
import re
import sys

MOST_PROCESSES = 500
_MOST_MAPS = 2 * 1024 * 1024
_MOST_LIBC = 8 * 1024 * 1024
_MOST_TEXT = 4096
_MACHINES = {3: "i686", 40: "arm", 62: "x86_64", 183: "aarch64", 21: "ppc64le", 22: "s390x", 243: "riscv64"}
"""e_machine of elf(5)."""
_SUFFIX = re.compile(r"\.((?:cpython|pypy)\d*-\d+\w*(?:-[\w-]+)?)\.so(?:\s|$)", re.MULTILINE)
_IN_NAME = re.compile(r"python(3)\.?(\d{1,2})(?:\D|$)")
_LIBRARY = re.compile(r"libpython(3)\.(\d{1,2})")
_FOLDER = re.compile(r"/python(3)\.(\d{1,2})/")


def read(path: str, most: int) -> bytes:
    """The beginning of a file.

    Raises:
        OSError: when the process is gone, or not ours to look at.
    """
    file = os.open(path, os.O_RDONLY)
    try:
        content = b""
        while len(content) < most:  # the kernel gives some of them a page at a time
            piece = os.read(file, most - len(content))
            if not piece:
                break
            content += piece
        return content
    finally:
        os.close(file)


def python_version(executable: str, maps: str) -> str:
    """`3.12`, `?` for a Python that does not tell, empty for what is none."""
    base = executable.replace(" (deleted)", "").rsplit("/", 1)[-1]
    is_python = "python" in base or "pypy" in base
    found = _LIBRARY.search(maps)
    if found is None and is_python:
        found = _IN_NAME.search(base) or _FOLDER.search(maps)
        if found is None:
            return "?"
    return ".".join(found.groups()) if found else ""


def libc_version(folder: str, maps: str) -> "tuple[str, str]":
    """Which C library a process has mapped, and that library's version, empty where it does not tell."""
    for line in maps.splitlines():
        path = line[line.find("/") :] if "/" in line else ""
        base = path.rsplit("/", 1)[-1]
        if base.startswith(("ld-musl-", "libc.musl-")):
            kind, pattern = "musl", rb"\0(1\.\d{1,2}\.\d{1,2})[-_\w]*\0"
        elif base == "libc.so.6" or re.match(r"libc-2\.\d+\.so$", base):
            kind, pattern = "glibc", rb"release version (2\.\d{1,3})"
        else:
            continue
        try:
            found = re.search(pattern, read(f"{folder}/root{path}", _MOST_LIBC))
        except (OSError, ValueError):
            found = None
        return kind, found.group(1).decode() if found else ""
    return "", ""


def facts(root: str, pid: int) -> "dict[str, object]":
    """All that is told of one process.

    Raises:
        OSError: when it is gone.
    """
    folder = f"{root}/{pid}"
    lines = read(f"{folder}/status", 16384).decode("utf-8", "replace").splitlines()
    about = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    try:
        executable = os.readlink(f"{folder}/exe")  # noqa: PTH115  Path.readlink is younger than the oldest target
        maps = read(f"{folder}/maps", _MOST_MAPS).decode("utf-8", "replace")
        header = read(f"{folder}/exe", 20)
        is_denied = False
    except OSError:
        executable, maps, header = "", "", b""
        is_denied = True
    python = python_version(executable, maps)
    suffix = _SUFFIX.search(maps)
    libc = libc_version(folder, maps) if python else ("", "")
    return {
        "pid": int(about.get("NSpid", str(pid)).split()[-1]),
        "host_pid": pid,
        "host_parent": int(about.get("PPid", "0")),
        "name": about.get("Name", "")[:64],
        "command": read(f"{folder}/cmdline", _MOST_TEXT).decode("utf-8", "replace").rstrip("\0").split("\0"),
        "user_id": int(about.get("Uid", "0 0").split()[1]),
        "group_id": int(about.get("Gid", "0 0").split()[1]),
        "state": about.get("State", "?")[:1],
        "threads": int(about.get("Threads", "0")),
        "executable": executable[:_MOST_TEXT],
        "python": python,
        "abi": suffix.group(1) if suffix else "",
        "libc": libc[0],
        "libc_version": libc[1],
        "architecture": _MACHINES.get(header[18] | header[19] << 8, "") if header[:4] == b"\x7fELF" else "",
        "capabilities": int(about.get("CapEff", "0"), 16),
        "no_new_privileges": about.get("NoNewPrivs") == "1",
        "seccomp": about.get("Seccomp", "0") != "0",
        "is_denied": is_denied,
    }


def all_facts(root: str, pids: "list[int]") -> "dict[str, object]":
    """All that is told of these processes and of the machine; those that are gone are left out."""
    found = []
    for pid in pids[:MOST_PROCESSES]:
        try:
            found.append(facts(root, pid))
        except (OSError, ValueError, IndexError):
            continue
    try:
        scope: int | None = int(read(f"{root}/sys/kernel/yama/ptrace_scope", 8))
    except (OSError, ValueError):
        scope = None
    left_out = max(0, len(pids) - MOST_PROCESSES)
    return {"processes": found, "left_out": left_out, "ptrace_scope": scope, "machine": os.uname().machine}


def process_ids(root: str) -> "list[int]":
    """The ids of all processes, in order, without the one that asks."""
    with os.scandir(root) as entries:
        return sorted(int(entry.name) for entry in entries if entry.name.isdigit() and entry.name != str(os.getpid()))


if __name__ == "__main__":
    json.dump(all_facts("/proc", process_ids("/proc")), sys.stdout)
