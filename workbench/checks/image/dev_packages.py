"""Packages that serve developers, in an image that is meant to run."""

import re
from collections.abc import Iterable

from workbench.checks.evidence import Bodies, Severity, finding, packages_by_layer, per_layer, some, words
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding

_PYTHON = words(
    "autopep8 bandit black build coverage cython flake8 hypothesis ipdb ipykernel ipython ipywidgets isort jupyter "
    "jupyter-client jupyter-console jupyter-core jupyter-server jupyterlab line-profiler matplotlib memory-profiler "
    "mkdocs mypy nbconvert nbformat nose notebook pdbpp plotly pre-commit pudb py-spy pycodestyle pyflakes pylint "
    "pyright pytest pytest-asyncio pytest-cov pytest-mock pytest-xdist ruff seaborn sphinx tox twine types-requests "
    "virtualenv wheel"
)
_NODE = words(
    "@types/node babel-jest chai cypress esbuild eslint jest mocha nodemon playwright prettier ts-node typescript "
    "vite vitest webpack"
)
_MAYBE = frozenset(("matplotlib", "plotly", "seaborn", "ipywidgets", "nbconvert", "nbformat", "esbuild"))
"""Some services do draw pictures."""
_JOINT = re.compile(r"[-_.]+")


class DevPackages:
    """Test runners, linters, notebooks and plotting libraries have no part in a service that runs.

    They come with one requirements file for everything; split it, or install without the development group.
    """

    name = "dev_packages"
    title = "development packages in production"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The bytes of such packages, by the layer that brought them."""
        for managers, known, fix in (
            (("pip", "conda"), _PYTHON, _python_fix),
            (("npm",), _NODE, _node_fix),
        ):
            places = [
                place
                for place, package in enumerate(analysis.packages)
                if package.manager in managers and _JOINT.sub("-", package.name.lower()) in known
            ]
            for layer, held, nodes in packages_by_layer(analysis, places):
                counted = per_layer(analysis, nodes, with_hidden=False)
                if not counted:
                    continue
                bodies = Bodies(layer, [node for group in counted for node in group.nodes])
                names = [analysis.packages[place].name for place in held]
                doubt = ""
                maybe = [name for name in names if name.lower() in _MAYBE]
                if maybe:
                    doubt = f" (unless the service itself uses {some(maybe, 3)})"
                message = f"packages for development: {some(names)}{doubt}"
                severity: Severity | None = "low" if len(maybe) == len(names) else None
                yield finding(analysis, self.name, bodies, message, fix(names), severity=severity)


def _python_fix(names: list[str]) -> str:
    return (
        f"keep {some(names, 3)} in a requirements-dev.txt that the image does not install, or a group of their own:\n"
        "uv sync --no-dev, poetry install --without dev, pip install -r requirements.txt"
    )


def _node_fix(names: list[str]) -> str:
    return f"declare {some(names, 3)} in devDependencies and install with: npm ci --omit=dev"


CHECK = DevPackages()
