"""Connection strings: read as libpq reads them, handed on whole, and shown without secrets."""

import os
import traceback

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lmtui.endpoint import SOURCE_VARIABLE, TARGET_VARIABLE, Endpoint, redact
from lmtui.errors import UsageError
from lmtui.pgcopydb import command
from lmtui.plan import Plan

AWKWARD = "@:/?#[]%&=+ '\"\\$`!{}<>|;,~^*()\t\né漢🐘"
texts = st.text(
    st.one_of(st.sampled_from(AWKWARD), st.characters(codec="utf-8", exclude_characters="\0")),
    min_size=1,
    max_size=12,
)
# The halves are looked for, so that a password such as "a" is not found in a host's name.
LEFT, RIGHT = "Xq7L", "Rz9X"
passwords = texts.map(lambda text: f"{LEFT}{text}{RIGHT}")


def has_secret(text: str) -> bool:
    return LEFT in text or RIGHT in text


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PG")]:
        monkeypatch.delenv(name)


@st.composite
def parameters(draw: st.DrawFn) -> dict[str, str]:
    """Any parameters that name a database."""
    found = {"dbname": draw(texts), "password": draw(passwords)}
    for name in ("user", "host", "port", "options", "sslrootcert", "service", "hostaddr"):
        if draw(st.booleans()):
            found[name] = draw(texts)
    if draw(st.booleans()):
        found["sslpassword"] = draw(passwords)
    return found


@given(parameters())
def test_uri_is_read_by_libpq_as_what_was_given(given_: dict[str, str]) -> None:
    endpoint = Endpoint.parse("source", make_conninfo(**given_))
    assert dict(endpoint.parameters) == given_
    read = conninfo_to_dict(endpoint.uri())
    assert {name: read[name] for name in given_} == given_
    assert read["keepalives"] == "1"
    assert Endpoint.parse("source", endpoint.uri()).label == endpoint.label
    assert conninfo_to_dict(endpoint.uri(options="-c a=b"))["options"] == "-c a=b"


@given(parameters())
def test_conninfo_is_read_by_libpq_as_what_was_given(given_: dict[str, str]) -> None:
    endpoint = Endpoint.parse("source", make_conninfo(**given_))
    read = conninfo_to_dict(endpoint.conninfo(application="lmtui test", replication="database"))
    assert {name: read[name] for name in given_} == given_
    assert (read["application_name"], read["replication"]) == ("lmtui test", "database")


@given(parameters())
@example({"dbname": "d", "password": f"{LEFT}'\\ \n&\"{RIGHT}"})
def test_password_is_never_shown(given_: dict[str, str]) -> None:
    endpoint = Endpoint.parse("source", make_conninfo(**given_))
    shown = (endpoint.label, repr(endpoint), str(endpoint), endpoint.database)
    assert not any(map(has_secret, shown))
    for text in (endpoint.uri(), endpoint.conninfo(), make_conninfo(**given_)):
        assert has_secret(text)
        assert not has_secret(redact(text))
        assert not has_secret(redact(f'failed: "{text}", tried again'))


@given(parameters())
def test_password_is_never_among_arguments(given_: dict[str, str]) -> None:
    endpoint = Endpoint.parse("source", make_conninfo(**given_))
    other = Endpoint.parse("target", make_conninfo(**given_))
    environment = command.environment({"A": "b"}, endpoint, other, "1a2b")
    for variable in (SOURCE_VARIABLE, TARGET_VARIABLE):
        read = conninfo_to_dict(environment.pop(variable))
        assert read["password"] == given_["password"]
        assert "idle_in_transaction_session_timeout=0" in str(read["options"])
        assert str(read["options"]).startswith(given_.get("options", "").lstrip())
    assert environment == {"A": "b", "PGCOPYDB_LOG_JSON": "on", "LMTUI_MIGRATION": "1a2b"}
    assert not has_secret(Plan().__repr__())


@given(password=passwords, rest=texts)
def test_whatever_is_wrong_with_a_string_its_password_is_not_repeated(
    password: str, rest: str
) -> None:
    """As operators paste passwords: not encoded, not quoted."""
    for text in (
        f"postgres://user:{password}@host/{rest}",
        f"postgresql://user:{password}@host:5432/db?{rest}",
        f"postgres://:{password}@/db{rest}",
        f"host=host dbname=db password={password} {rest}",
        f"host=host dbname=db password='{password}' {rest}",
        f"dbname=db password = {password}{rest}",
    ):
        try:
            endpoint = Endpoint.parse("source", text)
            shown = endpoint.label + repr(endpoint)
        except UsageError as error:
            shown = "".join(traceback.format_exception(error))
        assert not has_secret(shown)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("postgres://app@db1:5433/shop", "app@db1:5433/shop"),
        ("postgresql://db1/shop", "db1:5432/shop"),
        ("postgres://app:x%40y@db1/shop", "app@db1:5432/shop"),
        ("postgres://app@[::1]:5433/shop", "app@::1:5433/shop"),
        ("postgres:///shop?host=/run/postgresql", "/run/postgresql:5432/shop"),
        ("postgres://%2Frun%2Fpostgresql/shop", "/run/postgresql:5432/shop"),
        ("postgres:///shop", "local:5432/shop"),
        ("dbname=shop hostaddr=10.0.0.1", "10.0.0.1:5432/shop"),
        ("service=prod", "service=prod/"),
        ("service=prod dbname=shop", "service=prod/shop"),
        ("postgres://a:1,b:2/shop", "a,b:1,2/shop"),
    ],
)
def test_label(text: str, label: str) -> None:
    assert Endpoint.parse("source", text).label == label


def test_label_says_what_the_environment_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGUSER", "someone")
    monkeypatch.setenv("PGHOST", "somewhere")
    monkeypatch.setenv("PGPORT", "6543")
    assert Endpoint.parse("source", "dbname=shop").label == "someone@somewhere:6543/shop"


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("text", ["", "  \n"])
def test_missing_string_names_the_flag_and_the_variable(side: str, text: str) -> None:
    with pytest.raises(UsageError, match=f"The {side} has no connection string") as raised:
        Endpoint.parse(side, text)
    variable = SOURCE_VARIABLE if side == "source" else TARGET_VARIABLE
    assert raised.value.hint == f"Give --{side}, or set {variable}."


@pytest.mark.parametrize("text", ["postgres://host", "host=db1", "postgres://user@host/"])
def test_database_must_be_named(text: str) -> None:
    with pytest.raises(UsageError, match="names no database"):
        Endpoint.parse("source", text)


@pytest.mark.parametrize(
    "text",
    [
        "postgres://app:p@ss@db1/shop",
        "postgres://app:p/ss@db1/shop",
        "postgres://app:p?/ss@db1/shop",
        "postgres://app:p%zz@db1/shop",
        "postgres://app:p\udce9ss@db1/shop",
    ],
)
def test_password_that_is_not_encoded_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="cannot be read") as raised:
        Endpoint.parse("source", text)
    assert "ss" not in raised.value.detail
    assert "zz" not in raised.value.detail


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://u:p@h/db", "postgres://u:***@h/db"),
        ("postgres://u@h:5432/db", "postgres://u@h:5432/db"),
        ("to postgres://h:5432/db as u@h", "to postgres://h:5432/db as u@h"),
        ("PGPASSWORD=secret psql", "PGPASSWORD=*** psql"),
        ("password=''", "password=***"),
        ("no secret here", "no secret here"),
        ("password authentication failed for user", "password authentication failed for user"),
    ],
)
def test_redact(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_endpoint_can_be_compared() -> None:
    one = Endpoint.parse("source", "postgres://u:p@h/db")
    assert one == Endpoint.parse("source", "dbname=db user=u password=p host=h")
    assert one != Endpoint.parse("target", "postgres://u:p@h/db")
