"""One open workbench: a world, its feeds, and the one place that closes them all. Both fronts hold one."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.feed import Feed
from workbench.job import start_job
from workbench.model.reading import Reading
from workbench.settings import Settings
from workbench.sources.base import Clock, World

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.model.containers import ContainerDetail
    from workbench.model.images import ImageDetail

IMAGES_INTERVAL = 5.0
"""Seconds between two looks at the list of images: it changes when somebody builds or pulls, and costs a call."""


class Session:
    """Feeds over one world.

    Args:
        world: Live or recorded.
        settings: What the user set.
        clock: Stamps the readings; a test holds it still.
    """

    def __init__(self, world: World, settings: Settings, clock: Clock = time.monotonic) -> None:
        self.world = world
        self.settings = settings
        self.clock = clock
        self._on_news: Callable[[str], object] = _nobody_listens
        self._closed = False

        def told(name: str) -> Callable[[], object]:
            return lambda: self._on_news(name)

        pace = settings.interval
        self.fleet = Feed(world.fleet, pace, told("fleet"), clock)
        self.host = Feed(world.host, pace, told("host"), clock)
        self.gpu = Feed(world.gpu, pace, told("gpu"), clock)
        self.images = Feed(world.images, max(pace, IMAGES_INTERVAL), told("images"), clock)

    @classmethod
    def live(cls, settings: Settings) -> "Session":
        """A session on the engine that the settings and the environment name. Nothing is connected yet.

        Raises:
            ContextUnknown: when the named docker context does not exist.
        """
        from workbench.sources.live import LiveWorld  # docker takes 105 ms to import

        return cls(LiveWorld(settings.context), settings)

    @classmethod
    def replay(cls, path: "Path", settings: Settings, *, loop: bool = False) -> "Session":
        """A session that plays a recording, with no engine.

        Raises:
            RecordingError: when the file is not a recording.
        """
        from workbench.sources.recording import RecordedWorld

        return cls(RecordedWorld(path, loop=loop), settings)

    @classmethod
    def demo(cls, settings: Settings) -> "Session":
        """A session on the recording and the sample image that come with the workbench."""
        from workbench.sources.demo import DemoWorld

        return cls(DemoWorld(), settings)

    @property
    def feeds(self) -> dict[str, Feed[object]]:
        """Every feed by the name that `on_news` gives."""
        return {"fleet": self.fleet, "host": self.host, "gpu": self.gpu, "images": self.images}  # type: ignore[dict-item]

    def start(self, on_news: Callable[[str], object]) -> None:
        """Begin to read. `on_news` gets a feed's name, on that feed's thread, and must not block."""
        self._on_news = on_news
        for feed in self.feeds.values():
            feed.start()

    def inspect_image(self, reference: str, on_done: Callable[[Reading["ImageDetail"]], object]) -> None:
        """Fetch one image's layers and hand them to `on_done`, on another thread."""
        start_job(lambda: self.world.image(reference), on_done, name="image", clock=self.clock)

    def inspect_container(self, container_id: str, on_done: Callable[[Reading["ContainerDetail"]], object]) -> None:
        """Fetch one container's configuration and hand it to `on_done`, on another thread."""
        start_job(lambda: self.world.container(container_id), on_done, name="container", clock=self.clock)

    def close(self) -> None:
        """Stop every feed and let go of the world, without waiting for what hangs. Callable twice."""
        if self._closed:
            return
        self._closed = True
        for feed in self.feeds.values():
            feed.close()
        self.world.close()


def _nobody_listens(feed: str) -> None:
    """News before `start` has a listener."""
    del feed
