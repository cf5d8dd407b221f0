"""Frame trees: read, merged, filtered, searched, compared and laid out. Pure, and without recursion."""

from workbench.measure.flame.collapsed import from_collapsed, to_collapsed
from workbench.measure.flame.transform import merged

__all__ = ["from_collapsed", "merged", "to_collapsed"]
