"""Curated directories that no package manager wrote: CUDA, interpreters built from source, model caches."""

import re
from collections.abc import Iterator

from workbench.measure.overlay import Overlay

_PLACES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.DOTALL))
    for name, pattern in (
        ("CUDA", r"(?:usr/local|opt)/cuda(?:-(?P<version>[\d.]+))?"),
        ("TensorRT", r"(?:usr/local|opt)/tensorrt(?:-(?P<version>[\d.]+))?"),
        ("Nsight", r"opt/nvidia/nsight-(?:compute|systems)(?:/(?P<version>[\d.]+))?"),
        ("ROCm", r"opt/rocm(?:-(?P<version>[\d.]+))?"),
        ("Intel oneAPI", r"opt/intel/oneapi"),
        ("Hugging Face cache", r"(?:.*/)?\.cache/huggingface"),
        (
            "Hugging Face model",
            r"(?:.*/)?hub/(?:models|datasets|spaces)--(?P<called>[^/]+)",
        ),
        ("torch hub cache", r"(?:.*/)?\.cache/torch"),
        ("Ollama models", r"(?:.*/)?\.ollama/models"),
        ("NLTK data", r"(?:.*/)?nltk_data"),
        ("CPython", r"(?:.*/)?uv/python/cpython-(?P<version>[\d.]+)[^/]*"),
        ("CPython", r"usr/local/include/python(?P<version>3\.\d+)"),
        ("Node.js", r"usr/local/include/node"),
        ("Go", r"usr/local/go"),
        ("Rust", r"usr/local/(?:rustup|cargo)"),
        ("Java", r"opt/(?:java|jdk|jre)(?:-(?P<version>[\d.]+))?"),
        ("Julia", r"(?:usr/local|opt)/julia(?:-(?P<version>[\d.]+))?"),
    )
)
_HINTS = re.compile(
    r"cuda|tensorrt|nsight|rocm|oneapi|huggingface|--|torch|models|nltk_data|cpython-|python3|node|^go$|^\d"
    r"|rustup|cargo|java|jdk|jre|julia"
)
_STANDARD_LIBRARY = re.compile(r"usr/local/lib/python(3\.\d+)")
_PROGRAMS = re.compile(r"(?:(?:lib)?python|2to3-?|idle|pydoc)(?:3|(?P<version>3\.\d+))?(?:-config|\.so[\d.]*)?")


def curated_roots(overlay: Overlay) -> Iterator[tuple[str, str, str, str]]:
    """Every live curated directory or file with the name and version of what it is, and its location.

    Yields:
        Path, name, version (empty when not known), and the path that tells two of one name apart.
    """
    for node, name in enumerate(overlay.names):
        if not overlay.alive[node] or not overlay.is_directory[node] or not _HINTS.search(name):
            continue
        path = overlay.path(node)
        for what, pattern in _PLACES:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            groups = match.groupdict()
            called = (groups.get("called") or "").replace("--", "/")
            version = groups.get("version") or ""
            location = path.replace("/include/", "/lib/") if what in ("CPython", "Node.js") else path
            yield path, called or what, version, location
            break
        library = _STANDARD_LIBRARY.fullmatch(path)
        if library is not None and _has(overlay, node, "os.py"):
            yield path, "CPython", library[1], path
            for folder in ("usr/local/bin", "usr/local/lib"):
                for program in _live_files(overlay, folder):
                    match = _PROGRAMS.fullmatch(program)
                    if match is not None and match["version"] in (None, library[1]):
                        yield f"{folder}/{program}", "CPython", library[1], path
    if _has(overlay, overlay.find("usr/local/include/node"), "node_version.h") and overlay.find("usr/local/bin/node"):
        yield "usr/local/bin/node", "Node.js", "", "usr/local/lib/node"


def _has(overlay: Overlay, folder: int | None, name: str) -> bool:
    child = overlay.children.get(folder, {}).get(name) if folder is not None else None
    return child is not None and bool(overlay.alive[child])


def _live_files(overlay: Overlay, path: str) -> list[str]:
    folder = overlay.find(path)
    children = overlay.children.get(folder, {}) if folder is not None else {}
    return [name for name, node in children.items() if overlay.alive[node] and not overlay.is_directory[node]]
