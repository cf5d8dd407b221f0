"""Every failure a user can meet, each with its cause and the next step.

WorkbenchError                 exit code 3: something in the world is missing
├── UsageError                 exit code 2: the command line or a setting is wrong
│   └── SettingsError
├── EngineError
│   ├── EngineUnreachable      nobody answers at the address
│   ├── EngineForbidden        somebody answers, but not to us
│   ├── EngineTooOld           its API is older than the workbench can speak
│   ├── EngineTimeout          it took longer than we wait
│   ├── ContextUnknown         the named docker context does not exist
│   ├── AddressInvalid         what should be an engine's address cannot be one
│   └── NotFound               the engine has no such container or image
├── ArchiveError               an image archive that cannot be read
├── Stopped                    the user stopped it
├── RecordingError             a recording that cannot be read or written
├── ProfileError               a profile that cannot be read or drawn
├── StoreError
│   ├── StoreCorrupt
│   ├── StoreNewer             written by a newer workbench
│   └── RunUnknown             the store has no run of that id
└── GpuUnavailable             no GPU, no driver, or the driver refuses
"""


class WorkbenchError(Exception):
    """Something the user can be told in one sentence of cause and one of cure.

    Attributes:
        reason: What is wrong, one sentence without a full stop.
        hint: The next step, ideally a command to paste; may be empty.
    """

    exit_code = 3

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class UsageError(WorkbenchError):
    """The command line asks for something that does not exist."""

    exit_code = 2


class SettingsError(UsageError):
    """The settings file, or a value that overrides it, is wrong."""


class EngineError(WorkbenchError):
    """The container engine refused, failed or is not there."""


class EngineUnreachable(EngineError):
    """Nobody answers at the engine's address."""


class EngineForbidden(EngineError):
    """The engine is there and this user may not speak to it."""


class EngineTooOld(EngineError):
    """The engine's newest API version is older than the oldest the workbench can speak."""


class EngineTimeout(EngineError):
    """The engine accepted a request and did not answer in time."""


class ContextUnknown(EngineError, UsageError):
    """The named docker context does not exist."""

    exit_code = 2


class AddressInvalid(EngineError, UsageError):
    """What DOCKER_HOST or a context gives as the engine's address cannot be one."""

    exit_code = 2


class NotFound(EngineError):
    """The engine has no container or image of that name."""


class ArchiveError(WorkbenchError):
    """An image archive that is not one, is cut short, or is hostile."""


class Stopped(WorkbenchError):
    """Work that was given up because the user asked for that."""


class RecordingError(WorkbenchError):
    """A recording that cannot be read or written."""


class ProfileError(WorkbenchError):
    """A profile that is not one, is cut short, is hostile, or too large."""


class StoreError(WorkbenchError):
    """The store of runs cannot be used."""


class StoreCorrupt(StoreError):
    """The store's file is damaged; it is left as it is."""


class StoreNewer(StoreError):
    """The store was written by a newer workbench; it is left as it is."""


class RunUnknown(StoreError, UsageError):
    """The store has no run of that id."""

    exit_code = 2


class GpuUnavailable(WorkbenchError):
    """No GPU, no driver, or a driver that refuses."""
