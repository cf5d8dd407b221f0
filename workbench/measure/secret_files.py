"""Which files hold secrets, by their names: those that scanners agree on."""

import re

PRIVATE_KEYS = frozenset(("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"))
_CREDENTIALS = frozenset(
    (
        *(".env", ".netrc", ".git-credentials", ".pypirc", ".pgpass", ".htpasswd", "password.txt", "kubeconfig"),
        *("credentials", "credentials.json", "credentials.xml", "service-account.json"),
    )
)
CREDENTIALS = _CREDENTIALS | {"secret_token.rb", "carrierwave.rb", "omniauth.rb", "database.yml"}
"""With settings of frameworks, among which secrets may stand."""
IN_FOLDERS = {"credentials": (".aws",), "config.json": (".docker",)}
"""Names that are surely secret in one folder, and in another may be anything."""
FOLDERS = (".ssh", ".aws", ".kube")
"""Where tools keep keys and credentials, whatever the files are called."""
ENDINGS = tuple(
    sorted(
        (
            *(".secret", ".ovpn", ".private_key", ".cscfg", ".rdp", ".mdf", ".sdf", ".bek", ".tpm", ".fve", ".jks"),
            *(".psafe3", ".agilekeychain", ".keychain", ".pcap", ".gnucache", ".p12", ".pfx", ".kdbx", ".ppk"),
        )
    )
)
"""Of kinds of files that may hold secrets."""
BY_CONTENT = (".pem", ".key", ".npmrc", ".env", ".pypirc")
"""Endings that certificates share with keys, and settings with tokens: only their content tells."""
_EXAMPLES = frozenset(("example", "sample", "template", "dist", "test"))
_ENVIRONMENT = re.compile(r"\.env\.[\w-]+(?:\.local)?", re.ASCII)
"""One ending, and what tools call the values of one machine alone: two others are of code or of a template."""


def is_environment_name(name: str) -> bool:
    """Whether it is `.env.production`, `.env.production.local` or the like, and no example of one."""
    return _ENVIRONMENT.fullmatch(name) is not None and not _EXAMPLES.intersection(name.split("."))


def is_secret_file(path: str) -> bool:
    """Whether the file at a path is there to hold a key or credentials."""
    folder, _, name = path.rpartition("/")
    if name in PRIVATE_KEYS or name in _CREDENTIALS or is_environment_name(name):
        return True
    return folder.rpartition("/")[2] in IN_FOLDERS.get(name, ())


def may_be_secret_file(path: str) -> bool:
    """The same, or of a kind that may hold secrets and that no program needs in an image."""
    return is_secret_file(path) or path.endswith(ENDINGS) or path.rpartition("/")[2] == ".npmrc"
