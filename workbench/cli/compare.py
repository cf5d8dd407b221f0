"""`workbench compare BEFORE AFTER`: anything against anything of its kind, with what each change is worth."""

import argparse
import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from workbench.cli import compare_containers, compare_driven, output, talk
from workbench.cli.compare_gates import gate_of, judge
from workbench.cli.verb import Call, Verb
from workbench.errors import NotFound, ProfileError, UsageError, WorkbenchError
from workbench.measure.text import printable, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.measure.compare.gates import Gate, Judged
    from workbench.model.comparison import Comparison

Kind = Literal["run", "image", "container", "profile", "bundle"]
_PREFIXES: tuple[Kind, ...] = ("run", "image", "container", "profile", "bundle")
_RUNS = re.compile(r"[0-9]{1,19}(?:,[0-9]{1,19})*")
_MOST_RUNS = 200
_RECORDINGS = (".ndjson", ".ndjson.gz")
_WIDE_ENOUGH = 110
"""Columns of a terminal in which causes stand beside the figures; in fewer they stand below."""
_UNDECIDED = 4
_STOPPED = 130
_COLUMNS: tuple[tuple[str, Literal["left", "right"]], ...] = (
    ("", "left"),
    ("Before", "right"),
    ("After", "right"),
    ("Change", "right"),
    ("95% interval", "right"),
    ("Verdict", "left"),
    ("Cause", "left"),
)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    what = "an image or its archive, a run's number or several as 1,3,5, a profile's file, a bundle or recording"
    prefixes = "container: names a running container; run:, image:, profile: or bundle: says which it is"
    parser.add_argument("before", metavar="BEFORE", help=f"{what}; {prefixes}")
    parser.add_argument("after", metavar="AFTER", help="another one of the same kind")
    parser.add_argument("--container", metavar="NAME", default="", help="which container of two bundles or recordings")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="write JSON")
    form.add_argument("--markdown", action="store_true", help="write a table for a pull request")
    form.add_argument("--html", action="store_true", help="write a page that needs nothing else")
    parser.add_argument(
        "--fail-on",
        nargs="+",
        action="extend",
        default=[],
        metavar="GATE",
        help="exit with 1 when it is true: 'size>+5MB', 'p99>+10%%', 'memory>500MB'; with 4 when there is no telling",
    )
    compare_driven.add_arguments(parser)


def _run(call: Call) -> int:
    wanted = call.arguments
    gates = [gate_of(text) for text in wanted.fail_on]
    kinds = [_kind(text) for text in (wanted.before, wanted.after)]
    if kinds[0][0] == kinds[1][0] == "container":
        compare_driven.refuse_with_containers(wanted)
        compared, was_stopped = compare_containers.watch(call, (kinds[0][1], kinds[1][1]), gates)
        code = _tell(wanted, compared, gates)
        return _STOPPED if was_stopped else code
    if compare_driven.is_asked_for(wanted):
        compared, was_stopped = compare_driven.drive(call, (_driven(wanted.before), _driven(wanted.after)), gates)
        code = _tell(wanted, compared, gates)
        return _STOPPED if was_stopped else code
    if kinds[0][0] != kinds[1][0]:
        taken = [f"{printable(wanted.before)} is {_a(kinds[0][0])}", f"{printable(wanted.after)} {_a(kinds[1][0])}"]
        raise UsageError(", ".join(taken), "run:, image:, profile: or bundle: in front says what it is")
    if wanted.container and kinds[0][0] != "bundle":
        raise UsageError("--container goes with two bundles or recordings", "see workbench compare --help")
    return _tell(wanted, _compared(call, kinds[0][0], kinds[0][1], kinds[1][1]), gates)


def _driven(text: str) -> str:
    """What can be measured anew: an image's name, or where one is built."""
    if compare_driven.is_context(text):
        return text
    kind, rest = _kind(text)
    if kind != "image":
        raise UsageError(
            f"{printable(text)} is {_a(kind)}, which cannot be measured anew", "name images or Dockerfiles"
        )
    return rest


def _tell(wanted: argparse.Namespace, compared: "Comparison", gates: "Sequence[Gate]") -> int:
    """Write and keep it; the exit code that the gates give."""
    judged = judge(gates, compared.rows)
    _write(wanted, compared, judged)
    _keep(compared)
    found = {one.status for one in judged}
    return 1 if "fail" in found else _UNDECIDED if "unknown" in found else 0


VERB = Verb("compare", "Hold two images, runs, profiles or bundles against each other", _add_arguments, _run)


def _keep(compared: "Comparison") -> None:
    """Keep it as a run. It is shown either way, so that this fails is only told."""
    from workbench.comparison_run import keep_comparison

    try:
        talk.say(f"kept as run {keep_comparison(compared)}")
    except WorkbenchError as error:
        talk.say(f"not kept among the runs: {error.reason}")


def _a(kind: Kind) -> str:
    return f"an {kind}" if kind == "image" else f"a {kind}"


def _kind(text: str) -> tuple[Kind, str]:
    """What an argument names: its kind and the rest of it."""
    if not text.strip():
        raise UsageError("there is nothing to compare", "workbench compare BEFORE AFTER")
    for prefix in _PREFIXES:
        if text.startswith(f"{prefix}:") and len(text) > len(prefix) + 1:
            return prefix, text[len(prefix) + 1 :]
    if text.endswith(_RECORDINGS):
        return "bundle", text
    if _RUNS.fullmatch(text):
        return "run", text
    from workbench.cli.image import archive_of

    path = archive_of(text)
    if path is not None and path.is_file() and _is_profile(path):
        return "profile", text
    return "image", text


def _is_profile(path: Path) -> bool:
    """Whether a file that looks like an archive is a profile; archives are told apart by their first bytes."""
    from workbench.profile_files import read_profile

    with contextlib.suppress(OSError):
        with path.open("rb") as file:
            start = file.read(512)
        if start[:2] == b"\x1f\x8b" or start[:4] == b"\x28\xb5\x2f\xfd" or start[257:262] == b"ustar":
            return False
    try:
        read_profile(path)
    except ProfileError:
        return False
    return True


def _compared(call: Call, kind: Kind, before: str, after: str) -> "Comparison":
    if kind == "run":
        from workbench.comparing.runs import compare_runs

        return compare_runs(_numbers(before), _numbers(after))
    if kind == "bundle":
        from workbench.comparing.bundles import compare_bundles

        talk.progress("reading both")
        try:
            return compare_bundles(Path(before), Path(after), call.arguments.container)
        finally:
            talk.end_progress()
    if kind == "profile":
        from workbench.measure.compare.profiles import compare_two_profiles
        from workbench.model.comparison import Side
        from workbench.profile_files import read_profile

        sides = Side(Path(before).name), Side(Path(after).name)
        return compare_two_profiles(read_profile(Path(before)), read_profile(Path(after)), sides)
    return _images(call, before, after)


def _images(call: Call, before: str, after: str) -> "Comparison":
    from workbench.cli.image import Reader
    from workbench.measure.compare.images import compare_two_images
    from workbench.measure.image_compare import compare

    try:
        with Reader(call) as reader:
            (old, first), (new, second) = reader.with_pull(before), reader.with_pull(after)
    except NotFound as error:
        raise NotFound(error.reason, error.hint or "container:NAME is a container that runs") from None
    counts = len(old.analysis.packages), len(new.analysis.packages)
    findings = old.findings, new.findings
    return compare_two_images(compare(old.analysis, new.analysis), findings, counts, (first, second))


def _numbers(text: str) -> list[int]:
    numbers = [int(word) for word in text.split(",")] if _RUNS.fullmatch(text) else []
    if not 0 < len(numbers) <= _MOST_RUNS or not all(0 < number < 2**63 for number in numbers):
        raise UsageError(
            f"{printable(shorten(text, 60))} is no run's number, nor several", "workbench runs lists them; 1,3,5"
        )
    return numbers


def _write(wanted: argparse.Namespace, compared: "Comparison", judged: "Sequence[Judged]") -> None:
    if wanted.json:
        from workbench.measure.compare.document import document

        output.json(document(compared, judged))
        return
    if wanted.markdown:
        from workbench.measure.compare.markdown import markdown_lines

        for line in markdown_lines(compared):
            output.text(line)
    elif wanted.html:
        from workbench.cli.compare_html import page

        for line in page(compared):
            output.markup(line)
    else:
        _table(compared)
    for one in judged:
        talk.say(f"{one.status:<8}{one.gate.text}   {one.words}")


def _table(compared: "Comparison") -> None:
    from workbench.measure.compare.words import change, heading, interval, told

    output.text(heading(compared).removeprefix("Compare").strip())
    output.text("")
    width = output.size()
    is_narrow = width is not None and width[0] < _WIDE_ENOUGH
    rows, below = [], []
    for row in compared.rows:
        sides = (told(row.before, row.unit), told(row.after, row.unit))
        verdict, _, why = row.words.partition(": ") if is_narrow else (row.words, "", "")
        rows.append((row.title, *sides, change(row), interval(row), verdict, row.cause))
        if is_narrow and (why or row.cause):
            below.append(f"{row.title}: {'; '.join(text for text in (why, row.cause) if text)}")
    columns = _COLUMNS[:-1] if is_narrow else _COLUMNS
    output.table(columns, [row[: len(columns)] for row in rows])
    for line in ["", *below] if below else ():
        output.text(line)
    if compared.flags or compared.notes:
        output.text("")
    for flag in compared.flags:
        output.text(f"{'✘' if flag.serious else '▲'} {flag.words}")
    for note in compared.notes:
        output.text(note)
