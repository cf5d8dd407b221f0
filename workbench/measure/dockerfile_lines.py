"""Which line of a Dockerfile made each layer.

The instructions of the stage that was built are aligned with the image's history, so that the order decides where texts
repeat. Two texts agree when they are equal but for white space, quotes and flags, with variables expanded; the classic
builder tells only where a COPY went, so that is all that must agree.
"""

import re
from collections.abc import Iterable, Sequence
from posixpath import join, normpath

from workbench.measure.arguments import masked_text
from workbench.measure.dockerfile import Step, all_steps, final_stages, parse
from workbench.measure.dockerfile_variables import assignments, with_values
from workbench.model.images import Layer

_MOST = 600
"""Instructions that are aligned; an image has at most 127 layers."""

_INSTRUCTION = re.compile(r"[A-Z]+(?= |$)")
_FLAGS = re.compile(r"^(?:--[\w-]+(?:=\S*)?\s+)+")
_CLASSIC_COPY = re.compile(r"^(?:--chown=\S*?)?(?:file|dir|multi):[0-9a-f]{8,} in (?P<to>.*)$", re.DOTALL)
"""The classic builder leaves no space after its flag."""
_NOISE = re.compile(r"""[\s"',\[\]\\]+""")


def dockerfile_lines(text: str, history: Sequence[Layer], layers: int, target: str = "") -> tuple[int | None, ...]:
    """For every layer the line, from 1, of the instruction that made it; `None` where none is found.

    Args:
        text: Of the Dockerfile.
        history: The image's steps, base first, empty ones included.
        layers: How many file-system layers the image has.
        target: The stage that was built; empty for the last.
    """
    stages = parse(text)
    made = all_steps(stages[place] for place in final_stages(stages, target))
    steps = _described(made)[-_MOST:]
    rows = [_row(layer.instruction) for layer in history[-_MOST:]]
    found: list[int | None] = [None] * layers
    skipped = max(0, len(history) - _MOST)
    for row, step in _aligned(rows, steps):
        index = history[skipped + row].index
        if index is not None and index < layers:
            found[index] = steps[step][0]
    return tuple(found)


_Row = tuple[str, str, frozenset[str]]
"""Word, what follows it, and the forms that this may have, for comparison."""

_Step = tuple[int, str, frozenset[str], frozenset[str]]
"""Line, word, the forms that its text may have, and where it copies to."""


def _described(steps: Iterable[Step]) -> list[_Step]:
    variables: dict[str, str] = {}
    directory = "/"
    found: list[_Step] = []
    for step in steps:
        plain = step.rest
        expanded = with_values(plain, variables)
        if step.word in ("ARG", "ENV"):
            variables.update(_assignments(step.word, expanded, variables))
        forms = {plain, expanded, _FLAGS.sub("", plain), _FLAGS.sub("", expanded)}
        if step.heredocs:
            body = "\n".join(step.heredocs)
            forms |= {body, *(f"{form}\n{body}" for form in tuple(forms))}
        places: set[str] = set()
        if step.word == "WORKDIR":
            directory = normpath(join(directory, expanded.strip().strip("\"'")))
            forms.add(directory)
        elif step.word in ("COPY", "ADD"):
            last = _FLAGS.sub("", expanded).strip().strip("[]").split()[-1:]
            places = {_plain(place.strip("\"',")) for place in last}
            places |= {_plain(normpath(join(directory, place))) for place in last}
        found.append((step.line, step.word, frozenset(_plain(masked_text(form)) for form in forms), frozenset(places)))
    return found


def _row(instruction: str) -> _Row:
    word = _INSTRUCTION.match(instruction)
    rest = instruction[word.end() :].lstrip() if word is not None else instruction
    if rest.startswith("|") and (word is None or word[0] == "RUN"):
        return "", _plain(rest), frozenset()
    # The classic builder writes the JSON form of RUN bare.
    return (word[0] if word is not None else "RUN"), rest, frozenset((_plain(rest), _plain(_FLAGS.sub("", rest))))


def _agreement(row: _Row, step: _Step) -> int:
    word, rest, told = row
    _, wanted, forms, places = step
    if wanted == "RUN" and not word:
        # Build arguments come first; their values may hold blanks, so that only the end tells.
        return 3 if any(form and rest.endswith(f" {form}") for form in forms) else 0
    if word != wanted:
        return 0
    if word in ("COPY", "ADD"):
        classic = _CLASSIC_COPY.match(rest)
        if classic is not None:
            to = classic["to"].strip()
            return 2 if _plain(to) in places or _plain(normpath(to)) in places else 0
    return 3 if told & forms else 0


def _aligned(rows: Sequence[_Row], steps: Sequence[_Step]) -> list[tuple[int, int]]:
    """Pairs of row and step that agree, in order, as many as can be; of equal choices the latest rows."""
    height, width = len(rows), len(steps)
    agreement = [[_agreement(row, step) for step in steps] for row in rows]
    best = [[0] * (width + 1) for _ in range(height + 1)]
    for row in range(height):
        for step in range(width):
            both = best[row][step] + agreement[row][step] if agreement[row][step] else 0
            best[row + 1][step + 1] = max(best[row][step + 1], best[row + 1][step], both)
    pairs = []
    row, step = height, width
    while row and step:
        together = agreement[row - 1][step - 1]
        if together and best[row][step] == best[row - 1][step - 1] + together:
            row, step = row - 1, step - 1
            pairs.append((row, step))
        elif best[row][step] == best[row][step - 1]:
            step -= 1
        else:
            row -= 1
    return pairs[::-1]


def _plain(text: str) -> str:
    """Without what builders write differently: white space, quotes, the brackets of the JSON form."""
    return _NOISE.sub(" ", text).strip()


def _assignments(word: str, text: str, variables: dict[str, str]) -> dict[str, str]:
    found = {name: value for name, value in assignments(word, text).items() if value is not None}
    if word == "ARG":
        return {name: value for name, value in found.items() if name not in variables}
    return found
