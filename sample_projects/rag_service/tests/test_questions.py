"""What people ask is answered from the right document. Needs an index: python -m rag_service index"""

from pathlib import Path

import pytest
from rag_service.search import Index

QUESTIONS = {
    "Why is my image so large though I remove files?": "images.md",
    "how do I stop pip from keeping wheels": "python.md",
    "what does exit code 137 mean": "memory.md",
    "why does latency rise beyond the knee": "latency.md",
    "should a container run as root": "security.md",
    "how often must I repeat a measurement": "comparing.md",
}


@pytest.mark.parametrize(("question", "source"), QUESTIONS.items())
def test_question(question, source):
    found = Index(Path("index")).ask(question, 3)["passages"]
    assert source in [one["source"] for one in found]
