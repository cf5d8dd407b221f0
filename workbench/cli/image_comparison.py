"""Two images side by side, as text and as Markdown for a pull request."""

from collections.abc import Iterator, Sequence

from workbench.checks.rules import Judged
from workbench.cli import output
from workbench.cli.image_report import heading, rules_result
from workbench.measure.side_by_side import setting_rows, step_rows
from workbench.measure.text import printable, shorten
from workbench.measure.units import percent, quantity
from workbench.model.image_comparison import ImageComparison, LayerDelta, PackageDelta, PathDelta

MOST_ROWS = 15
"""Of each table; `--json` has all."""
_TOTALS = ("shipped", "final", "hidden", "duplicate", "wasted")
_SUBJECT = 80
_HARMLESS = {ord("`"): "\N{MODIFIER LETTER GRAVE ACCENT}", ord("|"): "\N{DIVIDES}"}


def signed(size: int) -> str:
    """A difference in bytes, with its sign; `0 B` for none."""
    return f"+{quantity(size, 'B')}" if size > 0 else quantity(size, "B")


def show_comparison(told: ImageComparison) -> None:
    """Write what is different, the largest first, marked where it made the image fatter than anything else did."""
    output.text(f"{told.after}  against  {told.before}")
    output.text(summary(told))
    for line in _causes(told):
        output.text(line)
    heading("Bytes")
    output.table(
        (("", "left"), ("Before", "right"), ("After", "right"), ("Change", "right")),
        [
            (name, quantity(before, "B"), quantity(after, "B"), signed(after - before))
            for name, before, after in _sums(told)
        ],
    )
    heading("Layers")
    output.table(
        (
            ("", "left"),
            ("#", "right"),
            ("#", "right"),
            ("Before", "right"),
            ("After", "right"),
            ("Change", "right"),
            ("", "left"),
        ),
        [
            (
                one.kind,
                _number(one.before),
                _number(one.after),
                quantity(one.before_bytes, "B"),
                quantity(one.after_bytes, "B"),
                signed(one.delta_bytes) + (" ▲" if one is told.fattest_layer else ""),
                shorten(one.after_instruction or one.before_instruction, _SUBJECT),
            )
            for one in told.layers
        ],
    )
    if told.packages:
        heading(_most("Packages", len(told.packages)))
        output.table(
            (("", "left"), ("Package", "left"), ("Before", "left"), ("After", "left"), ("Change", "right")),
            [
                (one.kind, f"{one.manager} {one.name}", one.before_version, one.after_version, signed(one.delta_bytes))
                for one in told.packages[:MOST_ROWS]
            ],
        )
    for name, paths in (("Directories", told.directories), ("Files", told.files)):
        if paths:
            heading(_most(name, len(paths) + (told.files_omitted if name == "Files" else 0)))
            output.table(
                (("", "left"), ("Change", "right"), ("Path", "left")),
                [(one.kind, signed(one.delta_bytes), f"/{one.path}") for one in paths[:MOST_ROWS]],
            )
    settings = setting_rows(told, _SUBJECT)
    if settings:
        heading("Configuration")
        output.table(
            (("", "left"), ("Setting", "left"), ("Before", "left"), ("After", "left")),
            [(row.kind, row.name, shorten(row.before, _SUBJECT), shorten(row.after, _SUBJECT)) for row in settings],
        )
    steps = step_rows(told, _SUBJECT)
    if steps:
        heading("History")
        output.table(
            (("", "left"), ("Before", "left"), ("After", "left"), ("Change", "right")),
            [
                (row.kind, shorten(row.before, _SUBJECT), shorten(row.after, _SUBJECT), signed(row.delta_bytes))
                for row in steps
            ],
        )


def summary(told: ImageComparison) -> str:
    """One sentence: how much the image grew."""
    before, delta = told.before_bytes.shipped, told.delta_bytes
    share = f", {'+' if delta > 0 else ''}{percent(100 * delta / before)}" if before and delta else ""
    word = "larger" if delta > 0 else "smaller"
    return (
        f"it ships {quantity(abs(delta), 'B')} {word} ({signed(delta)}{share})"
        if delta
        else "it ships as much as before"
    )


def markdown(told: ImageComparison, judged: Sequence[Judged] = ()) -> Iterator[str]:
    """The lines of a comment for a pull request. Everything foreign stands in code spans that it cannot leave.

    Args:
        told: The comparison.
        judged: Rules, when some were judged.
    """
    yield f"### Image size: {_code(told.after)} against {_code(told.before)}"
    yield ""
    yield f"**{summary(told)}**"
    for line in _causes(told, code=True):
        yield ""
        yield line
    yield ""
    yield from _grid(
        ("", "before", "after", "change"),
        [
            (name, quantity(before, "B"), quantity(after, "B"), signed(after - before))
            for name, before, after in _sums(told)
        ],
        right=(1, 2, 3),
    )
    layers = [one for one in told.layers if one.kind != "same"]
    if layers:
        yield from _section("Layers", len(layers))
        yield from _grid(
            ("", "change", "instruction"), [_layer_row(one, told) for one in layers[:MOST_ROWS]], right=(1,)
        )
    if told.packages:
        yield from _section("Packages", len(told.packages))
        yield from _grid(
            ("", "package", "before", "after", "change"),
            [_package_row(one) for one in told.packages[:MOST_ROWS]],
            right=(4,),
        )
    for name, paths in (("Directories", told.directories), ("Files", told.files)):
        if paths:
            yield from _section(name, len(paths) + (told.files_omitted if name == "Files" else 0))
            yield from _grid(("", "change", "path"), [_path_row(one) for one in paths[:MOST_ROWS]], right=(1,))
    if settings := setting_rows(told, _SUBJECT):
        yield from _section("Configuration", len(settings))
        rows = [(row.kind, _code(row.name), _code(row.before), _code(row.after)) for row in settings[:MOST_ROWS]]
        yield from _grid(("", "setting", "before", "after"), rows)
    if steps := step_rows(told, _SUBJECT):
        yield from _section("History", len(steps))
        yield from _grid(
            ("", "before", "after", "change"),
            [(row.kind, _code(row.before), _code(row.after), signed(row.delta_bytes)) for row in steps[:MOST_ROWS]],
            right=(3,),
        )
    if judged:
        yield from _section("Rules", len(judged))
        rows_of_rules = [(one.status.upper(), _code(one.rule), one.limit, one.measured, one.note) for one in judged]
        yield from _grid(("", "rule", "limit", "measured", ""), rows_of_rules)
        yield ""
        yield f"**{rules_result(judged)}**"


def _causes(told: ImageComparison, *, code: bool = False) -> Iterator[str]:
    def name(text: str) -> str:
        return _code(text) if code else shorten(text, _SUBJECT)

    if layer := told.fattest_layer:
        told_by = f"layer {_number(layer.after)}, {layer.kind}: {name(layer.after_instruction)}"
        yield f"▲ {signed(layer.delta_bytes)} by {told_by}"
    if package := told.fattest_package:
        yield f"▲ {signed(package.delta_bytes)} by package {name(f'{package.name} {package.after_version}'.strip())}"


def _sums(told: ImageComparison) -> list[tuple[str, int, int]]:
    return [(name, getattr(told.before_bytes, name), getattr(told.after_bytes, name)) for name in _TOTALS]


def _layer_row(one: LayerDelta, told: ImageComparison) -> tuple[str, ...]:
    mark = " ▲" if one is told.fattest_layer else ""
    return one.kind, signed(one.delta_bytes) + mark, _code(one.after_instruction or one.before_instruction)


def _package_row(one: PackageDelta) -> tuple[str, ...]:
    versions = (_code(one.before_version), _code(one.after_version))
    return one.kind, _code(f"{one.manager} {one.name}"), *versions, signed(one.delta_bytes)


def _path_row(one: PathDelta) -> tuple[str, ...]:
    return one.kind, signed(one.delta_bytes), _code(f"/{one.path}")


def _section(name: str, count: int) -> Iterator[str]:
    yield ""
    yield f"#### {_most(name, count)}"
    yield ""


def _most(name: str, count: int) -> str:
    return f"{name}, the first {MOST_ROWS} of {count}" if count > MOST_ROWS else name


def _grid(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'|'.join('---:' if place in right else '---' for place in range(len(columns)))}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _code(text: str | None) -> str:
    """Foreign text as a code span inside a table: neither a backtick, a bar nor a line's end leaves it."""
    if not text:
        return ""
    return f"`{shorten(printable(text), _SUBJECT).translate(_HARMLESS)}`"


def _number(layer: int | None) -> str:
    return "" if layer is None else str(layer)
