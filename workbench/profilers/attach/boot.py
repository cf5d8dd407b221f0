"""What goes into a target: one statement for its main thread, and the code that this starts on a thread of its own."""

from collections.abc import Sequence
from pathlib import Path

from workbench.profilers.attach import payloads

OURS = "workbench-attached"
"""The file that the code in the target says it is of."""
_PAYLOADS = Path(payloads.__file__).parent
_SHARED = _PAYLOADS.parents[1] / "agents" / "workbench_tool.py"
"""What every payload takes by `attached.ours`."""
_BESIDE = {"cprofile": ("threads.py",)}
"""What a payload takes so besides."""


def payload(name: str) -> dict[str, bytes]:
    """The code of a payload, as `boot` expects it."""
    files = [_SHARED, *(_PAYLOADS / file for file in ("attached.py", f"{name}.py", *_BESIDE.get(name, ())))]
    return {file.name: file.read_bytes() for file in files}


def boot(seen: str, name: str, arguments: Sequence[object], seconds: float, begins_within: float) -> str:
    """One statement for the target's main thread, which starts the payload on a thread of its own and does no more.

    Args:
        seen: The helper's folder as the target sees it.
        name: The payload's.
        arguments: What its `record` is given besides; plain values.
        seconds: How long it records.
        begins_within: Seconds after the helper's start after which it does nothing.
    """
    lines = (
        (_PAYLOADS / "reap.py").read_text(encoding="utf-8"),
        "reap(1)",  # when the main thread comes too late, that is all
        "try:",
        f" names = {{'__name__': {OURS!r}}}",
        f" for name in ({name!r}, 'attached'):",
        f"  with open({seen!r} + '/code/' + name + '.py', encoding='utf-8') as file:",
        f"   exec(compile(file.read(), {OURS!r}, 'exec'), names)",
        f" arguments = {tuple(arguments)!r}, has_hook, reap",
        f" names['attach']({seen!r}, {seconds!r}, {begins_within!r}, names['record'], *arguments)",
        "except BaseException:",
        " pass",
    )
    # `exec` alone may be something else in the program's own module
    script = "\n".join(lines)
    return (
        "try: __import__('_thread').start_new_thread(__import__('builtins').exec, "
        f"({script!r}, {{'has_hook': __import__('sys').getprofile() is not None}}))\n"
        "except BaseException: pass\n"
    )
