"""Whether a name says that its value is a secret. Decided word by word, never by asking."""

import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SECRET = _words(
    "apikey authkey authorization cookie cred credential credentials creds dsn jwt masterauth pass passphrase "
    "passwd password passwords pat pw pwd secret secrets signature"
)
_SECRET_ENDINGS = (
    "accesskey",
    "apikey",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "secretkey",
    "token",
)
"""Words run together: `PGPASSWORD`, `authtoken`."""
_RUN_TOGETHER = _words("dbpass mysqlpass requirepass sshpass userpass")
_SECRET_KEYS = _words(
    "access account api auth client deploy encryption license master private secret service session shared signing "
    "ssh storage"
)
"""`X_KEY` and `X_KEYS` are secret wherever they stand in the name."""
_PUBLIC_KEYS = _words(
    "cache foreign gpg group host idempotency index lookup object order partition primary pub public row routing "
    "sort unique"
)
"""`X_KEY` is a name or a public key."""
_SECRET_TOKENS = _words("access api auth bearer refresh secret user valid")
"""`X_TOKENS` are credentials; any other number of tokens is counted by a language model."""
_VOCABULARY = _words("bos cls eos mask pad sep unk")
"""`X_TOKEN` is a word of a language model."""
_ABOUT = _words(
    "age alg algorithm audience count dir disabled domain enabled endpoint expiration expires expiry field file "
    "header hasher hashers host httponly issuer iterations length lifetime limit max method min mode name names "
    "path policy port provider realm ref required rounds samesite secure server size sock socket timeout ttl type "
    "uri url validators version"
)
"""A name that ends so tells something about a secret and is not one: `TOKEN_TTL`, `DB_PASSWORD_FILE`."""
_PROSE = frozenset(("key",))
"""In lower case and alone, a word that a line of text uses for many things."""


def words_of(name: str) -> list[str]:
    """The words of `DB_PASSWORD`, `db-password`, `db.password` and `dbPassword`, in lower case."""
    return [word.lower() for word in _WORD.findall(name)]


def is_secret_name(name: str) -> bool:
    """Whether a variable, option or field of this name most likely holds a secret.

    `PGPASSWORD`, `apiKey`, `--requirepass` and `TLS_KEY` do; `GPG_KEY`, `PWD`, `MAX_TOKENS`, `AUTHOR` and what ends
    in `_FILE` do not.
    """
    words = words_of(name)
    if not words or words[-1] in _ABOUT or words in (["pwd"], ["oldpwd"]) or name.strip("-.") in _PROSE:
        return False
    if words[-1] == "auth":
        return True
    if words[-1] == "key":
        return len(words) == 1 or words[-2] not in _PUBLIC_KEYS
    return any(_says_secret(word, before) for before, word in zip(["", *words], words, strict=False))


def _says_secret(word: str, before: str) -> bool:
    if word in ("key", "keys"):
        return before in _SECRET_KEYS
    if word == "tokens":
        return before in _SECRET_TOKENS
    if word == "token":
        return before not in _VOCABULARY
    return word in _SECRET or word in _RUN_TOGETHER or word.endswith(_SECRET_ENDINGS)
