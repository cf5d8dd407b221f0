"""A program whose functions and files have names that steer terminals, break formats, hide or do not fit."""

NAMES = {
    "escape": "\x1b[31mred\x1b]0;title\x07",
    "markup": "[bold red]markup[/] [link=x]",
    "lines": "two\nlines\r\tand a tab",
    "separator": "semi;colon 7",
    "bidirectional": "\u202egnp.exe\u2066",
    "long": "long" * 2500,
    "surrogate": "half\udc80\ud800",
    "frame": 'process 1:"fake";thread (1): fake',
    "control": "\x9b31m\x7f\x00nul",
}
"""By what is wrong with each."""

# Only the last one works, so that one look at the stack finds them all.
PROGRAM = f"""
NAMES = {list(NAMES.values())!r}
def named(name):
    made = {{}}
    exec(compile("def f(below):\\n if below: return below[0](below[1:])\\n for _ in range(2000): sum(range(50))", "/app/x.py", "exec"), made)
    function = made["f"]
    code = function.__code__.replace(co_name=name, co_filename="/srv/" + name.replace("\\0", "") + ".py")
    function.__code__ = code.replace(co_qualname=name) if hasattr(code, "co_qualname") else code
    return function
chain = [named(name) for name in NAMES]
while True:
    chain[0](chain[1:])
"""  # noqa: E501  one line of the program's own
