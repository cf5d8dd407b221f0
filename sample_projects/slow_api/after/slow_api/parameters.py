"""The parameters of a request, checked."""


class BadParameter(ValueError):
    """A parameter is missing or wrong; the message says which and how."""


class Parameters:
    """What follows the `?` of a URL."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._values = dict(pairs)

    def text(self, name: str, default: str | None = None) -> str:
        value = self._values.get(name, default)
        if value is None:
            raise BadParameter(f"the parameter {name} is missing")
        return value

    def number(self, name: str, low: int, high: int, default: int | None = None) -> int:
        value = self.text(name, None if default is None else str(default))
        if not (value.isascii() and value.isdigit() and len(value) < 10 and low <= int(value) <= high):
            raise BadParameter(f"{name} must be a number from {low} to {high}")
        return int(value)
