"""Whether an image is small enough for what it is."""

from dataclasses import dataclass
from typing import Literal, get_args

from workbench.checks.evidence import words
from workbench.measure.analysis import ImageAnalysis

Kind = Literal["microservice", "web", "data"]
Grade = Literal["target", "good", "fair", "review"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_MB = 1000**2
LIMITS: dict[Kind, tuple[int, int, int]] = {
    "microservice": (100 * _MB, 200 * _MB, 500 * _MB),
    "web": (200 * _MB, 400 * _MB, 800 * _MB),
    "data": (300 * _MB, 600 * _MB, 1000 * _MB),
}
"""Bytes: below the first is on target, below the second good, above the third review is needed; between, fair."""

_DATA_PACKAGES = words(
    "dask jax numpy onnxruntime pandas polars pyarrow pyspark scikit-learn scipy tensorflow torch transformers"
)
_WEB_PACKAGES = words("django express fastapi flask gunicorn next starlette streamlit tornado uvicorn")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A size against the limits of a kind of application."""

    kind: Kind
    guessed: str
    """Why this kind, when nobody chose it; else empty."""
    shipped_bytes: int
    shipped: Grade
    """Of the bytes that are pulled and stored: this is the image's size, and the verdict."""
    final_bytes: int
    final: Grade
    """What it would be if no layer hid anything."""
    target_bytes: int
    good_bytes: int
    review_bytes: int


def judge(analysis: ImageAnalysis, kind: Kind | None = None) -> Verdict:
    """Judge an image's size.

    Args:
        analysis: The image.
        kind: What it is for; `None` guesses from its packages and ports.
    """
    chosen, guessed = (kind, "") if kind else _guess(analysis)
    limits = LIMITS[chosen]
    shipped, final = analysis.bytes.shipped, analysis.bytes.final
    return Verdict(chosen, guessed, shipped, _grade(shipped, limits), final, _grade(final, limits), *limits)


def _grade(size: int, limits: tuple[int, int, int]) -> Grade:
    target, good, review = limits
    return "target" if size < target else "good" if size < good else "review" if size > review else "fair"


def _guess(analysis: ImageAnalysis) -> tuple[Kind, str]:
    held = {package.name.lower() for package in analysis.packages if package.manager in ("pip", "conda", "npm")}
    if told := sorted(held & _DATA_PACKAGES):
        return "data", f"it holds {told[0]}"
    if told := sorted(held & _WEB_PACKAGES):
        return "web", f"it holds {told[0]}"
    return "microservice", "it holds no data or web framework that is known here"
