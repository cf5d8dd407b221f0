"""The handbook as passages: a heading of its file, and one paragraph."""

import re
from pathlib import Path

WORD = re.compile(r"[a-z0-9][a-z0-9-]+")
COMMON = frozenset(
    "a an and are as at be but by can do does for from has have how i if in into is it its mean more no not of on one "
    "or so than that the their them then there they this to until was what when where which who why will with you "
    "your".split()
)


def read(folder: Path) -> list[dict[str, str]]:
    """Every paragraph of every document, in the order of their names."""
    passages = []
    for path in sorted(folder.glob("*.md")):
        title, *paragraphs = path.read_text(encoding="utf-8").strip().split("\n\n")
        passages += [
            {"source": path.name, "title": title.lstrip("# "), "text": " ".join(paragraph.split())}
            for paragraph in paragraphs
        ]
    return passages


def words(text: str) -> list[str]:
    """The words that tell something, without their endings."""
    return [word.rstrip("s") for word in WORD.findall(text.lower()) if word not in COMMON]
