"""Makes the image that the image benchmarks measure: a machine-learning image with what goes wrong in such images.

CUDA torch and friends come as wheels that are copied in and removed in a later layer; a large package is chowned, a
large library is copied to another path, and a data set of small files brings it over 80,000 entries. About 9 GB in
the engine, and as much again in temporary files while it is made.

    python benchmarks/big_image.py [--wheels FOLDER]    make it, if the engine does not have it
    python benchmarks/big_image.py --remove             take it away
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

IMAGE = "workbench-test/big:1"
LABEL = "workbench.test=benchmark"
REQUIREMENTS = ("torch", "transformers", "scipy", "pandas", "scikit-learn")
SMALL_FILES = 45_000
PACKAGES = '"$(python3 -c \'import sysconfig; print(sysconfig.get_path("purelib"))\')"'
DOCKERFILE = f"""\
FROM @BASE@
LABEL {LABEL}
COPY wheels /wheels
RUN pip install --no-index --find-links /wheels --no-cache-dir {" ".join(REQUIREMENTS)}
RUN rm -rf /wheels
RUN chown -R 1000:1000 {PACKAGES}/nvidia/cudnn
RUN mkdir /app && cp {PACKAGES}/torch/lib/libtorch_cpu.so /app/
COPY small_files.py /app/
RUN python3 /app/small_files.py /data {SMALL_FILES}
"""
GENERATOR = """\
import json, pathlib, random, sys
folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
chance = random.Random(1)
for number in range(count):
    tile = folder / f"tiles/{number // 300:03}/tile-{number:06}.json"
    tile.parent.mkdir(parents=True, exist_ok=True)
    tile.write_text(json.dumps({"tile": number, "points": [chance.random() for _ in range(chance.randrange(40))]}))
"""


def docker(*arguments: str, check: bool = True) -> bool:
    """Run the docker client on the engine of DOCKER_HOST or the active context, with the classic builder."""
    environment = {**os.environ, "DOCKER_BUILDKIT": "0"}
    return subprocess.run(["docker", *arguments], env=environment, check=check, stdout=sys.stderr).returncode == 0


def is_there() -> bool:
    """Whether the engine has the image."""
    asked = subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, check=False)
    return asked.returncode == 0


def make(wheels: Path | None) -> None:
    """Build the image.

    Args:
        wheels: Wheels for Python 3.11 that were downloaded before; `None` downloads them, 3 GB, and removes them.
    """
    base_script = Path(__file__).parents[1] / "tests/live/base_image.sh"
    base = subprocess.run([str(base_script)], check=True, capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="workbench-big.") as folder:
        context = Path(folder)
        context.chmod(0o755)
        (context / "wheels").mkdir()
        if wheels is None:
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:"]
            target = ["--python-version", "3.11", "--dest", str(context / "wheels")]
            subprocess.run([*pip, *target, *REQUIREMENTS], check=True)
        else:
            for wheel in wheels.glob("*.whl"):
                try:
                    (context / "wheels" / wheel.name).hardlink_to(wheel)
                except OSError:
                    shutil.copy(wheel, context / "wheels")
        (context / "small_files.py").write_text(GENERATOR)
        (context / "Dockerfile").write_text(DOCKERFILE.replace("@BASE@", base))
        docker("build", "--force-rm", "--tag", IMAGE, folder)


def main() -> None:
    """Make it or remove it, as asked."""
    parser = argparse.ArgumentParser(description="The image that the image benchmarks measure")
    parser.add_argument("--wheels", type=Path, help="folder with the wheels, downloaded before")
    parser.add_argument("--remove", action="store_true", help="take the image away")
    wanted = parser.parse_args()
    if wanted.remove:
        if is_there():
            docker("image", "rm", "--force", IMAGE)
        return
    if not is_there():
        make(wanted.wheels)
    print(IMAGE)


if __name__ == "__main__":
    main()
