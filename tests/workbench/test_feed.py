"""A source on its own thread: who is told of a reading, and who is left to sleep."""

from threading import Event

from workbench.errors import WorkbenchError
from workbench.feed import Feed
from workbench.model.reading import Fresh, Missing, Reading


class Script:
    """A source that gives what it is told, one after the other, and then nothing more."""

    def __init__(self, *values: str | None) -> None:
        self._values = list(values)
        self.is_over = Event()

    def read(self) -> str:
        if not self._values:
            self.is_over.set()
            raise WorkbenchError("the end")
        value = self._values.pop(0)
        if value is None:
            raise WorkbenchError("there is none")
        return value

    def close(self) -> None:
        pass


def test_what_is_still_missing_wakes_nobody() -> None:
    script = Script(None, None, None, "a", "a", None)
    told: list[Reading[str] | None] = []
    heard: list[Reading[str]] = []
    feed: Feed[str] = Feed(script, 0.001, lambda: told.append(feed.take()), on_reading=heard.append)
    feed.start()
    assert script.is_over.wait(30)
    feed.close()
    words = [each.reason if isinstance(each, Missing) else each.value for each in told if each is not None][:4]
    assert words == ["there is none", "a", "a", "there is none"]
    assert sum(isinstance(each, Missing) for each in heard[:6]) == 4, "who listens hears of all"
    assert isinstance(heard[3], Fresh)


def test_news_that_nobody_took_are_told_once() -> None:
    script = Script("a", "b", "c")
    told: list[int] = []
    feed: Feed[str] = Feed(script, 0.001, lambda: told.append(1))
    feed.start()
    assert script.is_over.wait(30)
    feed.close()
    assert told == [1]
