"""What is masked, what is left alone, and that hostile text costs no more than its length."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.measure.secrets import MASK, is_secret_name, mask_bytes, mask_text, mask_value

KEY_BLOCK = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"

SECRET_NAMES = """
    PASSWORD PGPASSWORD MYSQL_ROOT_PASSWORD DB_PASSWORD_1 db-password db.password dbPassword DB_PASS DB_PWD DB_PW
    SECRET SECRET_KEY SECRET_KEY_BASE CLIENT_SECRET clientSecret AWS_SECRET_ACCESS_KEY AWS_ACCESS_KEY_ID
    VAULT_SECRET_ID TOKEN GITHUB_TOKEN accessToken authtoken AUTH_TOKENS API_KEY API_KEYS apiKey APIKey
    OPENAI_API_KEY_2 PRIVATE_KEY_PEM TLS_KEY KEY PASSPHRASE GPG_PASSPHRASE SENTRY_DSN REDIS_AUTH npm_config__auth
    Authorization Set-Cookie ERLANG_COOKIE --requirepass masterauth GITHUB_PAT CREDENTIALS
"""
HARMLESS_NAMES = """
    GPG_KEY PWD OLDPWD PATH AUTHOR AUTHORS author AUTHORITY XAUTHORITY TOKENIZERS_PARALLELISM MAX_TOKENS
    max-new-tokens EOS_TOKEN PAD_TOKEN DB_PASSWORD_FILE POSTGRES_PASSWORD_FILE TOKEN_TTL SECRET_NAME secretName
    SSH_AUTH_SOCK AUTH_TYPE TOKEN_URL PUBLIC_KEY PRIMARY_KEY sort_key key MONKEY KEYBOARD BYPASS COMPASS SECRETARY
    SESSION_COOKIE_SECURE PASSWORD_MIN_LENGTH PYTHON_SHA256 KEYRING HOME _ . -- 1234
"""


@pytest.mark.parametrize("name", SECRET_NAMES.split())
def test_a_secret_name_is_known(name: str) -> None:
    assert is_secret_name(name)
    assert mask_value(name, "hunter2") == MASK


@pytest.mark.parametrize("name", HARMLESS_NAMES.split())
def test_a_harmless_name_is_known(name: str) -> None:
    assert not is_secret_name(name)
    assert mask_value(name, "hunter2") == "hunter2"


def test_an_empty_secret_shows_that_it_is_empty() -> None:
    assert mask_value("PASSWORD", "") == ""
    assert mask_text("PASSWORD=") == "PASSWORD="
    assert mask_text('"password": ""') == '"password": ""'


@pytest.mark.parametrize(
    "text",
    [
        "author=me",
        "authors=5",
        "echo password is good",
        "the password is checked",
        "GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
        "DB_PASSWORD_FILE=/run/secrets/db",
        "--password-file /run/secrets/db",
        "python -m http.server --max-tokens 512 --author me",
        "PWD=/app",
        "nginx:1.25@sha256:0123456789abcdef",
        "localhost:5000/vault-secret:latest",
        "python:3.11-slim",
        "http://localhost:8080/a:b/c",
        "https://example.com/@scope/package",
        "ssh://me@box.example.com",
        "mailto:me@example.com",
        "user 1000:1000",
        "sort by key=name",
        "{'tokens': 5}",
        '{"auths": {"registry": {}}}',
        '{"secrets": ["db", "api"]}',
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "risk-management-is-a-very-long-name",
        "Bearer authentication",
        "--token --verbose",
        "it's a key: value",
        "",
    ],
)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("PASSWORD=x y", "PASSWORD=• y"),
        ("docker run -e DB_PASSWORD=a,b;c me/app", "docker run -e DB_PASSWORD=• me/app"),
        ("|1 TOKEN=abc /bin/sh -c make", "|1 TOKEN=• /bin/sh -c make"),
        ("ENV API_KEY hunter2", "ENV API_KEY •"),
        ('export TOKEN="a b" && run', 'export TOKEN="•" && run'),
        ("export TOKEN='a b' && run", "export TOKEN='•' && run"),
        (r'TOKEN="a\"b c" run', 'TOKEN="•" run'),
        (r'TOKEN="a\\" run b" c', 'TOKEN="•" run b" c'),
        ('TOKEN="never closed', 'TOKEN="•'),
        ('TOKEN="never closed\nnext line', 'TOKEN="•\nnext line'),
        ('password = "toml"', 'password = "•"'),
        ("password = ini", "password = •"),
        (":password => 'ruby'", ":password => '•'"),
        ("Server=db;Password=a&b;User=me", "Server=db;Password=•;User=me"),
        ("GET /a?token=abc&user=me HTTP/1.1", "GET /a?token=•&user=me HTTP/1.1"),
        ('{"password": "x", "user": "me"}', '{"password": "•", "user": "me"}'),
        ('{"password":"x","user":"me"}', '{"password":"•","user":"me"}'),
        ("{'password': 'x', 'user': 'me'}", "{'password': '•', 'user': 'me'}"),
        ('{"token": 123, "n": 1}', '{"token": •, "n": 1}'),
        ('"{\\"password\\": \\"x\\", \\"n\\": 1}"', '"{\\"password\\": \\"•\\", \\"n\\": 1}"'),
        ('{"password":\n  "x"}', '{"password":\n  "•"}'),
        ("password: a b # yaml\nuser: me", "password: •\nuser: me"),
        ("apiKey: abc\nuser: me", "apiKey: •\nuser: me"),
        ("password:hunter2", "password:•"),
        ("password : hunter2", "password : •"),
        ("Authorization: Bearer xyz", "Authorization: •"),
        ("authorization=Bearer xyz next", "authorization=• next"),
        ('curl -H "Authorization: Basic dTpw" http://a', 'curl -H "Authorization: •" http://a'),
        ("Cookie: a=b; c=d\nHost: x", "Cookie: •\nHost: x"),
        ("X-Api-Key: abc", "X-Api-Key: •"),
        ("got Bearer 0123456789abcdefXYZ next", "got Bearer • next"),
        ("redis-server --requirepass x --port 1", "redis-server --requirepass • --port 1"),
        ('CMD ["redis-server" "--requirepass" "x"]', 'CMD ["redis-server" "--requirepass" "•"]'),
        ('["redis-server", "--requirepass", "x"]', '["redis-server", "--requirepass", "•"]'),
        ("tool -password x", "tool -password •"),
        ("tool --db-password=x", "tool --db-password=•"),
        ("tool --password \\\n  x", "tool --password \\\n  •"),
        ("postgres://me:x@db:5432/a", "postgres://me:•@db:5432/a"),
        ("postgres://me:p@ss:w@db/a", "postgres://me:•@db/a"),
        ("redis://:x@db", "redis://:•@db"),
        ("https://0123456789abcdef0123@o1.ingest.io/2", "https://•@o1.ingest.io/2"),
        ("me:x@tcp(127.0.0.1:3306)/db", "me:•@tcp(127.0.0.1:3306)/db"),
        ("mysql me:x@db.example.com", "mysql me:•@db.example.com"),
        ("id AKIAIOSFODNN7EXAMPLE.", "id •."),
        ("ghp_" + "a1" * 18, "•"),
        ("github_pat_" + "a1" * 20, "•"),
        ("glpat-" + "a1" * 10, "•"),
        ("xoxb-1234567890-abc", "•"),
        ("sk-proj-" + "a1" * 20, "•"),
        ("sk-ant-api03-" + "a1" * 20, "•"),
        ("hf_" + "aB" * 17, "•"),
        ("dckr_pat_" + "a1" * 14, "•"),
        ("x " + JWT + " y", "x • y"),
        ("https://a.blob.core/x?sv=1&sig=" + "a%2B" * 8, "https://a.blob.core/x?sv=1&sig=•"),
        (f"a\n{KEY_BLOCK}\nb", "a\n-----BEGIN RSA PRIVATE KEY-----•-----END RSA PRIVATE KEY-----\nb"),
        (
            KEY_BLOCK.replace("\n", "\\n") + " b",
            "-----BEGIN RSA PRIVATE KEY-----•-----END RSA PRIVATE KEY----- b",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMIIE cut", "-----BEGIN PRIVATE KEY-----•"),
    ],
)
def test_a_secret_is_masked_and_the_rest_is_kept(text: str, masked: str) -> None:
    assert mask_text(text) == masked.replace("•", MASK)


def test_a_value_with_a_secret_inside_is_masked_in_part() -> None:
    assert mask_value("DATABASE_URL", "postgres://me:x@db/a") == f"postgres://me:{MASK}@db/a"
    assert mask_value("OPTIONS", "user=me password=x") == f"user=me password={MASK}"


WORDS = ["password", "TOKEN", "key", "--pass", "http", "user", "cookie", "Bearer ", "ENV ", "0123456789abcdefghijk"]
MARKS = ["-", "=", ": ", ":", "=>", " ", "\t", "\n", '"', "'", "\\", "\\\\", '\\"', ",", ";", "&", "{", "}", "[", "]"]
SHAPES = ["://", "@", "db.io", "@host:1", "/", ".", "?", "sk-", "eyJ", "sig=", MASK, "•"]
BLOCKS = ["-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"]
PIECES = st.sampled_from(WORDS + MARKS + SHAPES + BLOCKS)


@settings(max_examples=1500, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
@example("://u:password=a/b,c=d@h")
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask_text(text)
    assert mask_text(once) == once


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_any_text_at_all_can_be_masked(text: str) -> None:
    assert mask_text(mask_text(text)) == mask_text(text)
    mask_value(text, text)


FORMS = ["PASSWORD={}", "--token {}", '"apiKey": "{}"', "x://u:{}@h", "Authorization: Bearer {}", "db_pwd: {}"]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(FORMS),
    st.text("abcXYZ0189_-+.%~^*#?!", min_size=1).filter(lambda secret: secret[0] not in "-?"),
)
def test_no_part_of_a_secret_is_left(form: str, secret: str) -> None:
    assert mask_text(form.format(secret)) == form.replace("Bearer {}", "{}").format(MASK)


HOSTILE = ["a", "a.", "a+", "a:", "a@", ":", "=", " ", "\\", "\\\\ ", '"', 'a"', "PASSWORD", "aA", "token:\\"]
HOSTILE += ["password=", 'password="', "password='", "--password ", "password=&", "password=,a", "password: "]
HOSTILE += ["://a:", "://a:b", "://", "https://aaaaaaaaaaaaaaaaaaaa", "a:b@c.", "a:b@", "eyJ", "eyJaaaaaaaa."]
HOSTILE += ["sk-", "AKIA", "Bearer ", "-----BEGIN PRIVATE KEY-----", "-----BEGIN A A A A "]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_repetition_is_no_harder_than_its_length(piece: str) -> None:
    """A pattern that goes back over what it took would outlast the suite's own time limit."""
    mask_text(piece * (1_000_000 // len(piece)))


def test_ever_deeper_quotes_are_no_harder_than_their_length() -> None:
    mask_text("\n".join("password=" + "\\" * depth + '"x' for depth in range(1000)))


def test_a_file_is_masked_in_any_encoding_and_binaries_stay_as_they_are() -> None:
    assert (
        mask_bytes(b"HOST=db\nDB_PASSWORD=hunter2\nNAME=\xe9\n")
        == f"HOST=db\nDB_PASSWORD={MASK}\nNAME=".encode() + b"\xe9\n"
    )
    assert mask_bytes(b"\x7fELF\0DB_PASSWORD=hunter2") == b"\x7fELF\0DB_PASSWORD=hunter2"
