"""What the user chose for a profile."""

from dataclasses import dataclass

from workbench.model.probe import How


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user chose; the defaults need no thought."""

    seconds: float = 10.0
    rate: int = 100
    """Samples in a second."""
    pid: int | None = None
    """In the target's own namespace; `None` is its first process."""
    idle: bool = False
    """Wall time: threads that wait are counted too. Without it: CPU time."""
    subprocesses: bool = True
    native: bool = False
    gil: bool = False
    """Only the thread that holds the interpreter's lock."""
    locals: bool = False
    """Show local variables in a dump."""
    route: How | None = None
    """The way in; `None` is the first that is open."""
    command: tuple[str, ...] = ()
    """Instead of the container's own, in a fresh run."""
    functions: tuple[str, ...] = ()
    """What is profiled line by line, each `MODULE:NAME` or `MODULE:CLASS.NAME`."""
    accepts_risk: bool = False
    """Whether the user has agreed to what the route says may go wrong."""
