"""The engine: does one answer, which, and in what version of its API."""

from workbench.doctor.check import Check, Surroundings
from workbench.errors import EngineError, EngineUnreachable
from workbench.model.doctor import Finding
from workbench.sources.docker_errors import sentence, shown_address


def _examine(surroundings: Surroundings) -> Finding:
    try:
        facts = surroundings.engine()
    except EngineError as error:
        return Finding("missing" if isinstance(error, EngineUnreachable) else "broken", error.reason, error.hint)
    context = f" (context {sentence(facts.endpoint.context)})" if facts.endpoint.context else ""
    return Finding(
        "fine",
        f"{_product(facts.version)}, API {facts.api_version}, at {shown_address(facts.endpoint.address)}{context}",
    )


def _product(version: object) -> str:
    """`Docker 20.10.24` or `Podman 4.3.1`, as far as the answer has it."""
    answer = version if isinstance(version, dict) else {}
    parts = answer.get("Components")
    first = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], dict) else {}
    name = "Podman" if "podman" in str(first.get("Name", "")).lower() else "Docker"
    return f"{name} {sentence(str(answer.get('Version', 'of unknown version')))}"


CHECK = Check("engine", "engine", _examine, essential=True, rank=1)
