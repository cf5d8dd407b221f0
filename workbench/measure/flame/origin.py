"""Whose code a frame is: one's own, a library's, or native."""

import re
import sys
from typing import Literal

from workbench.model.frame_tree import Place

Origin = Literal["own", "library", "native"]

_INSTALLED = re.compile(r"(?:^|/)(?:site-packages|dist-packages|lib/python\d(?:\.\d+)?t?|lib/pypy[\d.]*)(?=/)")
_NATIVE = re.compile(r"\.(?:so(?:\.[\d.]+)?|c|cc|cpp|cxx|h|hh|hpp|S|rs|pyx|pxd|dylib)$")
_NATIVE_NAME = re.compile(r"<(?:built-in method|method|slot wrapper|functools\.|wrapper) |0x[0-9a-f]+$")
_FROZEN = "<frozen "


def origin(place: Place) -> Origin:
    """Tell by the file's path, and by the first part of a shortened one, which may be the standard library's.

    A shortened path such as `queue.py` is taken for the standard library's; only full paths tell for certain.
    """
    file = place.file
    if _NATIVE.search(file) or (not file and place.kind == "code" and _NATIVE_NAME.match(place.name)):
        return "native"
    if file.startswith(_FROZEN) or _INSTALLED.search(file):
        return "library"
    if not file.startswith("/") and file.endswith(".py"):
        first = file.partition("/")[0].removesuffix(".py")
        if first in sys.stdlib_module_names:
            return "library"
    return "own"


def module(place: Place) -> str:
    """The distribution or package that a file belongs to, as far as its path tells: `requests`, `json`, `app`."""
    file = place.file
    ends = [found.end() for found in _INSTALLED.finditer(file)]
    inside = file[ends[-1] + 1 :] if ends else file.rpartition("/")[2] if file.startswith("/") else file
    if inside.startswith(_FROZEN):
        return inside.removeprefix(_FROZEN).removesuffix(">").partition(".")[0]
    return inside.partition("/")[0].removesuffix(".py")
