"""The TCP ports that somebody listens on in a network of this machine."""

from contextlib import suppress

from workbench.sources.proc_files import read_whole

_LISTENING = "0A"
_ENGINES_RESOLVER = "0B00007F"
"""127.0.0.11, where engines put a name server into a container's network."""
_LONGEST_FILE = 4 << 20


def listening_ports(network: str) -> set[int]:
    """From the kernel's own tables.

    Args:
        network: The file of the network: `/proc/PID/ns/net`.
    """
    found: set[int] = set()
    folder = network.removesuffix("/ns/net")
    for name in ("tcp", "tcp6"):
        with suppress(OSError):
            content = read_whole(f"{folder}/net/{name}", _LONGEST_FILE).decode("ascii", "replace")
            for line in content.splitlines()[1:]:
                words = line.split()
                if len(words) > 3 and words[3] == _LISTENING:
                    address, _, port = words[1].rpartition(":")
                    with suppress(ValueError):
                        found |= {int(port, 16)} if address != _ENGINES_RESOLVER else set()
    return found
