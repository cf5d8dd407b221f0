"""Runs, metrics, samples and artifacts: SQLite, migrations, and files named by their content."""

from workbench.store.store import Store

__all__ = ["Store"]
