"""What the first process of all owes to gdb. It goes in within the statement: the rest may not be to be had."""


def reap(looks: int = 20) -> None:
    """Do for a dead child of gdb's what the first process of all must do, once gdb has let go of it.

    gdb tries out the kernel with a child of a child, and leaves that behind. It is known by its session: a gdb that the
    program has started, and waits for, is of the program's own or of one that it leads.

    Args:
        looks: How often it is looked, a tenth of a second apart, while there is one.
    """
    import os
    import time

    for _ in range(looks):
        found = False
        for pid in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208  pathlib would cost the program a module
            try:
                with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123  the same
                    stat = file.read(256)
                is_dead = stat.startswith(f"{pid} (gdb) Z {os.getpid()} ".encode())
                if is_dead and int(stat.split()[5]) not in (int(pid), os.getsid(0)):
                    found = True
                    os.waitpid(int(pid), os.WNOHANG)
            except OSError:
                continue
        if not found:
            return
        time.sleep(0.1)
