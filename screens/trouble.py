"""What is missing, and the command that mends it, where the figures would stand."""

from textual.content import Content
from textual.widgets import Static

from screens.widgets.looks import MUTED
from workbench.measure.text import printable
from workbench.model.reading import Missing


class Trouble(Static):
    """One sentence of cause, one of cure, and what the program does meanwhile."""

    def explain(self, missing: Missing, *more: str) -> None:
        """Show why there is nothing to show.

        Args:
            missing: The cause and the cure.
            more: What else helps, one line each.
        """
        lines = [Content.assemble(("✘ ", "$text-error bold"), (printable(missing.reason), "bold"))]
        lines += [
            Content.assemble(("→ ", "$text-accent"), printable(line)) for line in missing.hint.split("\n") if line
        ]
        lines.append(Content(""))
        lines += [Content.styled(line, MUTED) for line in more]
        self.update(Content("\n").join(lines))
