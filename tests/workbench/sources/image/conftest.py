"""The fake engine of the engine's tests."""

from tests.workbench.sources.engine.conftest import fake_engine

__all__ = ["fake_engine"]
