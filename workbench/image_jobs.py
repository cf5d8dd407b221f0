"""What is asked of images, each on a thread of its own: inspect, analyse, compare, read a file, copy files out."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.job import start_job
from workbench.measure.secrets import mask_bytes
from workbench.model.reading import Reading
from workbench.sources.base import Clock, World

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from threading import Thread

    from workbench.anatomy import ImageAnatomy
    from workbench.model.acquired import AcquiredImage, AcquireProgress
    from workbench.model.comparison import Comparison
    from workbench.model.image_comparison import ImageComparison
    from workbench.model.images import ImageDetail, ImageSource

KEPT_ANATOMIES = 2
"""Images taken apart that are kept at hand: the one on screen and the one it is compared with."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """What came of copying files out of an image."""

    written_bytes: int
    in_the_way: int
    """Files that would have been overwritten; nothing was written when there are any."""


class ImageJobs:
    """Jobs on the images of one world. Those that read layers are noted, so that they end with the session.

    Args:
        world: Live or recorded.
        clock: Stamps what they hand on.
        note: Remembers a thread, and what stops it.
    """

    def __init__(self, world: World, clock: Clock, note: "Callable[[Thread, Event], None]") -> None:
        self._world = world
        self._clock = clock
        self._note = note
        self._anatomies_lock = Lock()
        self._anatomies: OrderedDict[str, ImageAnatomy] = OrderedDict()

    def inspect(self, reference: str, on_done: Callable[[Reading["ImageDetail"]], object]) -> None:
        """Fetch one image's layers and hand them to `on_done`, on another thread."""
        start_job(lambda: self._world.image(reference), on_done, name="image", clock=self._clock)

    def analyse(
        self,
        source: "ImageSource",
        on_progress: "Callable[[AcquireProgress], object]",
        on_done: Callable[[Reading["ImageAnatomy"]], object],
        stop: Event,
    ) -> None:
        """Read every layer of an image, analyse and check it, and hand it to `on_done`, on another thread.

        Args:
            source: Id or name, or an archive; for that no engine is needed.
            on_progress: Told how far it is, on that thread; must not block.
            on_done: Gets what was found, or why nothing was.
            stop: Set to give up: `on_done` then gets the reason `stopped`.
        """
        thread = start_job(lambda: self._anatomy(source, on_progress, stop), on_done, name="analyse", clock=self._clock)
        self._note(thread, stop)

    def _anatomy(
        self, source: "ImageSource", on_progress: "Callable[[AcquireProgress], object]", stop: Event
    ) -> "ImageAnatomy":
        from workbench.anatomy import take_apart  # the checks, which only an analysis needs
        from workbench.image_run import kept_image

        started = time.monotonic()
        with self._anatomies_lock:
            known = self._anatomies.get(source) if isinstance(source, str) else None
            if known is not None and isinstance(source, str):
                self._anatomies.move_to_end(source)
        if known is not None:
            return known
        acquired = self._acquire(source, on_progress, stop)
        try:
            stacks = self._world.image_stacks()
        except WorkbenchError:
            stacks = ()  # the base is then told by the history
        anatomy = take_apart(acquired, local_images=stacks, started=started)
        kept_image(anatomy.analysis, anatomy.findings, anatomy.seconds)
        if not isinstance(source, str):
            return anatomy  # the file may be another one the next time
        with self._anatomies_lock:
            self._anatomies[source] = anatomy
            while len(self._anatomies) > KEPT_ANATOMIES:
                self._anatomies.popitem(last=False)
        return anatomy

    def _acquire(
        self, source: "ImageSource", on_progress: "Callable[[AcquireProgress], object]", stop: Event
    ) -> "AcquiredImage":
        if isinstance(source, str):
            return self._world.acquire(source, on_progress, stop)
        from workbench.sources.acquire_archive import acquire_archive  # what only an archive needs

        return acquire_archive(source.path, source.reference, source.platform, progress=on_progress, stop=stop)

    def compare(
        self,
        before: "ImageSource",
        after: "ImageSource",
        on_progress: "Callable[[AcquireProgress], object]",
        on_done: Callable[[Reading["ImageComparison"]], object],
        stop: Event,
    ) -> None:
        """Read and analyse two images and hand what differs to `on_done`, on another thread.

        Args:
            before: Id, name or archive of the image to compare with.
            after: Id or name of the one that may be fatter.
            on_progress: Told how far each is, on that thread; must not block.
            on_done: Gets the differences, or why there are none to tell.
            stop: Set to give up.
        """

        def work() -> "ImageComparison":
            from workbench.measure.image_compare import compare

            old = self._anatomy(before, on_progress, stop)
            return compare(old.analysis, self._anatomy(after, on_progress, stop).analysis)

        self._note(start_job(work, on_done, name="compare", clock=self._clock), stop)

    def judge(
        self,
        before: "ImageSource",
        after: "ImageSource",
        on_progress: "Callable[[AcquireProgress], object]",
        on_done: Callable[[Reading["Comparison"]], object],
        stop: Event,
    ) -> None:
        """The same as a comparison with verdicts: sizes, layers, packages, findings. As `compare` otherwise."""

        def work() -> "Comparison":
            from workbench.measure.compare.images import compare_two_images
            from workbench.measure.image_compare import compare

            old, new = self._anatomy(before, on_progress, stop), self._anatomy(after, on_progress, stop)
            counts = len(old.analysis.packages), len(new.analysis.packages)
            return compare_two_images(compare(old.analysis, new.analysis), (old.findings, new.findings), counts)

        self._note(start_job(work, on_done, name="compare", clock=self._clock), stop)

    def read_file(
        self,
        anatomy: "ImageAnatomy",
        layer: int,
        path: str,
        limit: int,
        on_done: Callable[[Reading[bytes]], object],
    ) -> None:
        """Read the first `limit` bytes of a file of one layer and hand them to `on_done`, on another thread.

        In text, secrets are masked.
        """

        def work() -> bytes:
            return mask_bytes(anatomy.files.read_file(layer, path, limit))

        start_job(work, on_done, name="file", clock=self._clock)

    def extract(
        self,
        anatomy: "ImageAnatomy",
        wanted: "Sequence[tuple[int, str]]",
        destination: "Path",
        on_done: Callable[[Reading[Extracted]], object],
        *,
        above: str = "",
        replace: bool = False,
    ) -> None:
        """Copy files of an image below a directory, on another thread. Nothing lands outside of it.

        Args:
            anatomy: The image.
            wanted: Layer and path of each file.
            destination: The directory; it is made.
            on_done: Gets how much was written, or how much stands in the way: nothing is written then.
            above: A directory of the image that is left out of the copies' paths.
            replace: Whether files that stand in the way are replaced.
        """

        def work() -> Extracted:
            from workbench.sources.image_files import extract, in_the_way

            if not replace and (there := in_the_way((path for _, path in wanted), destination, above)):
                return Extracted(0, there)
            return Extracted(extract(anatomy.files, wanted, destination, above=above, replace=replace), 0)

        start_job(work, on_done, name="extract", clock=self._clock)
