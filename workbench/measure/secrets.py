"""Secrets are masked in everything shown or written. Decided by name and by shape, never by asking.

Every pattern is tried once per word and never goes back over what it took (possessive quantifiers, starts tied to
the beginning of a word), so hostile text costs no more than its length. No pattern reads across a mask, so masking
twice is masking once.
"""

import re

from workbench.measure.secret_names import is_secret_name, words_of

__all__ = ["MASK", "is_secret_name", "mask_bytes", "mask_text", "mask_value"]

MASK = "••••••"

_SHAPES = re.compile(
    r"""(?<![\w-])(?:
    (?:AKIA|ASIA)[0-9A-Z]{16}(?!\w)             # AWS access key id
    |gh[oprsu]_[A-Za-z0-9]{30,}+                # GitHub
    |github_pat_\w{20,}+
    |gl[a-z]{2,5}-[\w-]{20,}+                   # GitLab
    |xox[a-z]-[\w-]{10,}+                       # Slack
    |sk-(?=[a-zA-Z_-]{0,64}[0-9])[\w-]{20,}+    # OpenAI, Anthropic
    |[rs]k_(?:live|test)_\w{16,}+               # Stripe
    |hf_[A-Za-z0-9]{30,}+                       # Hugging Face
    |dckr_pat_[\w-]{20,}+                       # Docker Hub
    |npm_[A-Za-z0-9]{30,}+
    |pypi-[\w-]{40,}+
    |AIza[\w-]{35}(?![\w-])                     # Google
    |eyJ[\w-]{8,}+\.eyJ[\w-]{8,}+\.[\w-]*+      # JSON web token
    )""",
    re.VERBOSE,
)
_AFTER_WORD = re.compile(
    r"""(?P<head>(?<![\w-])Bearer[ \t]++(?=[a-zA-Z._~+/-]{0,64}[0-9])|(?<=[?&])sig=)[\w.~+/=%-]{16,}+""", re.IGNORECASE
)
KEY_BLOCK = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
KEY_BLOCK_END = re.compile(r"-----END (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_IN_URL = re.compile(r"""(?P<head>(?<=://)[^\s/:@"'•]*+:)[^\s/"'<>•]+@""")
_ALONE_IN_URL = re.compile(r"(?P<head>https?://)[\w.~%+-]{20,}+@")
_BEFORE_HOST = re.compile(
    r"""(?<![\w.:/@+-])(?P<head>(?!mailto:|npm:)[\w.+-]++:)[^\s:/@"'<>•]{1,256}+@
    (?!sha\d)(?=\w++\(|\[|localhost\b|[\w-]++(?:\.[\w-]++)*+:\d|[\w-]++(?:\.[\w-]++)++(?![\w-]))""",
    re.VERBOSE,
)
_NAME = re.compile(
    r"""(?<![\w.-])(?P<name>[\w.-]++)(?:
        (?P<quoted>\\*+["']\s*+(?::|=>|=)\s*+)              # "name": value, of JSON, Python, Ruby
        |(?P<equals>:?=+>?(?:[ \t]*+(?=\\*+["']))?+
            |[ \t]++:?=+>?[ \t]*+)                          # name=value, name = value
        |(?P<colon>[ \t]*+:[ \t]++)                         # name: value
        |(?P<tight>:(?=[^\s:/]))                            # name:value
        |(?P<blank>(?:[ \t]|\\\r?\n)++(?=[^\s-])
            |\\*+["']\s*+,?+\s*+(?=\\*+["']))               # --name value, "--name", "value"
    )""",
    re.VERBOSE,
)
_QUOTE = re.compile(r"""(?<!\\)(?P<slashes>\\*+)(?P<mark>["'])""")
_DEEPEST_QUOTE = 15
"""Backslashes before a quote four levels down; more is no quoting that anybody writes."""
_SCHEME = re.compile(r"(?:basic|bearer|token|digest|negotiate|apikey)[ \t]++", re.IGNORECASE)
_NEXT_FIELD = r"""(?![&;,][ \t]{0,8}["']?[\w.-]{1,64}["']?[=:])"""
_TO_BLANK = re.compile(rf"""(?:{_NEXT_FIELD}[^\s"'])++""")
_TO_FIELD = re.compile(rf"""(?:{_NEXT_FIELD}[^\r\n"'}}])++""")
_TO_LINE_END = re.compile(r"""[^\r\n"']++""")
_BARE_JSON = re.compile(r"""[^\s"',}\]]++""")
_PASSWORDS = frozenset(("passphrase", "passwd", "password"))
"""May hold blanks: after `name: ` they take the rest of the line up to the next field."""
_HEADERS = frozenset(("authorization", "cookie"))
"""After `name: ` they take the rest of the line."""


def mask_value(name: str, value: str) -> str:
    """The value as it may be shown: masked whole for a secret name, else without the secrets inside it."""
    return MASK if value and is_secret_name(name) else mask_text(value)


def mask_bytes(content: bytes) -> bytes:
    """Text with its secrets masked, whatever its encoding; anything with a zero byte in it is no text and stays."""
    if b"\0" in content:
        return content
    return mask_text(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def mask_text(text: str) -> str:
    """Mask the secrets inside running text.

    By name: `NAME=value`, `name: value`, `"name": "value"`, `--name value`, `Authorization: Bearer …`; a value after a
    blank only when the name is an option. By shape: passwords in URLs and before hosts, private key blocks, JSON web
    tokens, and the tokens of well-known services.
    """
    text = _without_key_blocks(text)
    text = _SHAPES.sub(MASK, text)
    text = _AFTER_WORD.sub(rf"\g<head>{MASK}", text)
    text = _IN_URL.sub(rf"\g<head>{MASK}@", text)
    text = _ALONE_IN_URL.sub(rf"\g<head>{MASK}@", text)
    text = _BEFORE_HOST.sub(rf"\g<head>{MASK}@", text)
    return _without_named_values(text)


def _without_key_blocks(text: str) -> str:
    """A block that is cut short is hidden to the end of the text."""
    parts: list[str] = []
    at = 0
    while begin := KEY_BLOCK.search(text, at):
        end = KEY_BLOCK_END.search(text, begin.end())
        parts += [text[at : begin.end()], MASK]
        at = end.start() if end else len(text)
    return "".join([*parts, text[at:]])


def _without_named_values(text: str) -> str:
    parts: list[str] = []
    at = 0
    while found := _NAME.search(text, at):
        start, end = _value(text, found)
        if start == end:
            start = end = found.end("name")
        parts += [text[at:start], MASK if end > start else ""]
        at = end
    return "".join([*parts, text[at:]])


def _value(text: str, found: re.Match[str]) -> tuple[int, int]:
    """Start and end of the secret value that follows a name; the same twice when there is none."""
    name, at = found["name"], found.end()
    nothing = (at, at)
    if found["blank"] and not (name.startswith("-") or text[max(0, found.start() - 4) : found.start()] == "ENV "):
        return nothing
    if not is_secret_name(name):
        return nothing
    last = words_of(name)[-1]
    if found["tight"] and last not in _PASSWORDS | _HEADERS:
        return nothing
    quote = _QUOTE.match(text, at)
    if quote and len(quote["slashes"]) <= _DEEPEST_QUOTE:
        return quote.end(), _closing(text, quote)
    if (found["colon"] or found["quoted"]) and text[at : at + 1] in ("{", "["):
        return nothing  # a table of its own: the names inside it decide
    if found["quoted"]:
        extent = _BARE_JSON
    elif (found["colon"] or found["tight"]) and last in _HEADERS:
        extent = _TO_LINE_END
    elif found["colon"] and last in _PASSWORDS:
        extent = _TO_FIELD
    else:
        extent = _TO_BLANK
    scheme = _SCHEME.match(text, at)
    value = (extent.match(text, scheme.end()) if scheme else None) or extent.match(text, at)
    return (at, value.end()) if value else nothing


def _closing(text: str, opening: re.Match[str]) -> int:
    r"""Where the quoted value ends: before its closing quote, or with its line when there is none.

    A quote inside quotes carries more backslashes than the ones around it: `"`, `\"`, `\\\"`, …
    """
    depth = len(opening["slashes"])
    at = opening.end()
    while quote := _QUOTE.search(text, at):
        extra = len(quote["slashes"]) - depth
        if quote["mark"] == opening["mark"] and extra >= 0 and extra % (2 * depth + 2) == 0:
            return quote.end() - 1 - depth
        at = quote.end()
    line_end = text.find("\n", opening.end())
    return len(text) if line_end < 0 else line_end
