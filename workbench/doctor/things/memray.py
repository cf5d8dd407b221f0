"""memray: finds who allocates."""

from workbench.doctor.check import Check
from workbench.doctor.programs import ask_module

CHECK = Check("memray", "memray", lambda surroundings: ask_module("memray", "memray", surroundings.environ), rank=12)
