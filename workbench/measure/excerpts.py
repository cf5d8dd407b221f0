"""The lines of profiled functions, cut out of their files when they are recorded: a run outlives its target."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from workbench.errors import ProfileError
from workbench.model.profile import LineFigures, SourceExcerpt

KIND = "source"
"""What the file of a run is called that holds them."""
MOST_LINES = 2_000
"""Of one function."""
MOST_CHARACTERS = 400
"""Of one line: a longer one is data."""
MOST_BYTES = 1 << 20
"""Of all of them together, as they are kept."""


class _Excerpt(msgspec.Struct, forbid_unknown_fields=True):
    file: str
    first: int
    lines: list[str]


def excerpts_of(lines: Sequence[LineFigures], texts: Mapping[str, str]) -> tuple[SourceExcerpt, ...]:
    """The functions that lines were counted in, from their first line to where their block ends.

    Args:
        lines: What was counted, by file and line.
        texts: The files that could be read, secrets masked.
    """
    spans: dict[str, list[tuple[int, int]]] = {}
    for file, first, last in _functions(lines):
        if file in texts:
            spans.setdefault(file, []).append((first, last))
    found: list[SourceExcerpt] = []
    left = MOST_BYTES
    for file, several in spans.items():
        text = texts[file].splitlines()
        for first, last in _joined(_whole(text, first, last) for first, last in several):
            cut = tuple(line[:MOST_CHARACTERS] for line in text[first - 1 : last])
            left -= sum(len(line.encode("utf-8", "replace")) + 4 for line in cut)
            if left < 0:
                return tuple(found)
            if cut:
                found.append(SourceExcerpt(file, first, cut))
    return tuple(found)


def _functions(lines: Iterable[LineFigures]) -> list[tuple[str, int, int]]:
    """File, first and last line that was counted of each function."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for each in lines:
        key = each.place.file, each.place.name
        first, last = found.get(key, (each.place.line, each.place.line))
        found[key] = min(first, each.place.line), max(last, each.place.line)
    return [(file, first, last) for (file, _), (first, last) in found.items()]


def _whole(text: Sequence[str], first: int, last: int) -> tuple[int, int]:
    """From the line that begins the function, its decorators left out, to the end of its indented block."""
    inner = _indent(text[first - 1]) if 0 < first <= len(text) else 0
    begin = first
    for number in range(first - 1, max(0, first - 1 - MOST_LINES), -1):
        line = text[number - 1] if number <= len(text) else ""
        if line.strip() and _indent(line) < inner:
            begin = number if line.lstrip().startswith(("def ", "async def ", "class ")) else first
            break
    end = min(last, begin + MOST_LINES - 1)
    outer = _indent(text[begin - 1]) if begin <= len(text) else 0
    for number in range(end + 1, min(len(text), begin + MOST_LINES - 1) + 1):
        line = text[number - 1]
        if line.strip() and _indent(line) <= outer:
            break
        if line.strip():
            end = number
    return begin, end


def _indent(line: str) -> int:
    expanded = line.expandtabs(8)
    return len(expanded) - len(expanded.lstrip())


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, those that touch put together: a function within another is told once."""
    made: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if made and first <= made[-1][1] + 1:
            made[-1] = made[-1][0], max(made[-1][1], last)
        else:
            made.append((first, last))
    return made


def written(excerpts: Sequence[SourceExcerpt]) -> bytes:
    """Excerpts as the file that a run keeps."""
    return msgspec.json.encode([_Excerpt(one.file, one.first, list(one.lines)) for one in excerpts])


def read_excerpts(content: bytes) -> tuple[SourceExcerpt, ...]:
    """What `written` wrote.

    Raises:
        ProfileError: when it is something else, or larger than is ever written.
    """
    if len(content) > 4 * MOST_BYTES:
        raise ProfileError("the sources that were kept with the run are too large", "record it again")
    try:
        found = msgspec.json.decode(content, type=list[_Excerpt])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"not the sources that are kept with a run: {error}", "record it again") from None
    return tuple(SourceExcerpt(one.file, max(1, one.first), tuple(one.lines)) for one in found)


def lines_in(excerpts: Iterable[SourceExcerpt], file: str) -> dict[int, str]:
    """The lines of one file that were kept, by their numbers."""
    return {
        number: line
        for one in excerpts
        if one.file == file
        for number, line in enumerate(one.lines, start=one.first)
    }  # fmt: skip


def agrees(text: Sequence[str], kept: Mapping[int, str]) -> bool:
    """Whether a file still says what was kept of it."""
    return all(number <= len(text) and text[number - 1][:MOST_CHARACTERS] == line for number, line in kept.items())
