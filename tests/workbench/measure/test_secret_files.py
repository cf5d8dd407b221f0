"""Files that hold secrets by their names, as every check tells them."""

import pytest

from workbench.measure.secret_files import is_secret_file, may_be_secret_file


@pytest.mark.parametrize(
    ("path", "secret", "maybe"),
    [
        ("id_dsa", True, True),
        ("id_rsa.pub", False, False),
        ("app/.env", True, True),
        ("app/.env.production.local", True, True),
        ("app/.env.stage-2", True, True),
        ("app/.env.example", False, False),
        ("app/.env.production.example", False, False),
        ("app/.env.d.ts", False, False),
        ("app/.env.prod.j2", False, False),
        ("app/.env.", False, False),
        ("app/.env.local.sample", False, False),
        ("home/.docker/config.json", True, True),
        ("app/config.json", False, False),
        ("kubeconfig", True, True),
        ("config/database.yml", False, False),
        (".npmrc", False, True),
        ("keys.kdbx", False, True),
        ("certificate.pem", False, False),
    ],
)
def test_secret_files(path: str, secret: bool, maybe: bool) -> None:
    assert (is_secret_file(path), may_be_secret_file(path)) == (secret, maybe)
