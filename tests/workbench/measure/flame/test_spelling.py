"""Functions named for a profiler of lines, of what a recording tells: files."""

from workbench.measure.flame.collapsed import from_collapsed
from workbench.measure.flame.spelling import spelled_functions


def test_own_functions_come_with_their_modules_the_busiest_first() -> None:
    tree = from_collapsed(
        "<module> (/srv/main.py:9);run (/srv/main.py:4);Cart.total (/srv/shop/cart.py:7) 10\n"
        "<module> (/srv/main.py:9);run (/srv/main.py:4);loads (/usr/lib/python3.11/json/__init__.py:3) 30\n"
        "<module> (/srv/main.py:9);run (/srv/main.py:5);<lambda> (/srv/shop/__init__.py:7) 5\n"
        "<module> (/srv/main.py:9);run (/srv/main.py:5);open_shop (/srv/shop/__init__.py:2) 4\n"
    )
    assert spelled_functions(tree) == ("shop.cart:Cart.total", "shop:open_shop", "__main__:run")


def test_a_program_from_the_command_line_and_none_at_all() -> None:
    assert spelled_functions(from_collapsed("<module> (<string>:9);f (<string>:2) 3\n")) == ("__main__:f",)
    assert spelled_functions(from_collapsed("<module> (/usr/lib/python3.11/runpy.py:9) 3\n")) == ()
