"""Hostile text made fit for a terminal. Names, labels, logs and file names may hold anything."""

import unicodedata

_SHOWN = {0x7F: "␡"} | {code: chr(0x2400 + code) for code in range(0x20)}
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def printable(text: str) -> str:
    """Replace every character that could steer a terminal or hide on it with one that shows.

    C0 controls become their pictures (`␛`), every other control, format (bidirectional overrides and zero-width
    characters among them), surrogate, private or unassigned character becomes `�`. The result is one line.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_SHOWN.get(ord(char)) or ("�" if unicodedata.category(char) in _UNSEEN else char) for char in text)


def shorten(text: str, width: int) -> str:
    """Cut `text` to `width` characters, the last one `…` when something was cut."""
    if len(text) <= width:
        return text
    return text[: max(0, width - 1)] + "…" if width > 0 else ""


def encodable(text: str) -> str:
    """Replace lone surrogates, which no encoding can carry, with `?`. All else stays, so it is not for a terminal."""
    return text.encode("utf-8", "replace").decode("utf-8")


def all_encodable(value: object) -> object:
    """The same for every text in lists and mappings of plain values."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {all_encodable(key): all_encodable(each) for key, each in value.items()}
    return [all_encodable(each) for each in value] if isinstance(value, list | tuple) else value
