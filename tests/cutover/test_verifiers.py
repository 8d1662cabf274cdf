"""Roles log in with their old password, where the operator wants that."""

import pytest

from lmtui.cutover.verifiers import copy_verifiers
from lmtui.database import connect
from lmtui.endpoint import Endpoint
from lmtui.errors import ServerError

pytestmark = pytest.mark.postgres
Pair = tuple[Endpoint, Endpoint]


def test_a_role_has_its_password_again(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    for endpoint in fresh_databases:
        with connect(endpoint) as connection:
            connection.execute("create role verified login")
            connection.execute("create role missing_there login password 'x'")
            if endpoint is target:
                connection.execute("drop role missing_there")
    try:
        with connect(source) as connection:
            connection.execute("alter role verified password 'old-one'")
        assert copy_verifiers(source, target) == ["verified"]
        same = "select rolpassword from pg_authid where rolname = 'verified'"
        with connect(source) as ours, connect(target) as theirs:
            assert ours.execute(same).fetchall() == theirs.execute(same).fetchall()
        narrow = Endpoint(
            "source", {**source.parameters, "user": "verified", "password": "old-one"}
        )
        with pytest.raises(ServerError, match="42501") as caught:
            copy_verifiers(narrow, target)
        assert "SCRAM" not in str(caught.value)
    finally:
        for endpoint in fresh_databases:
            with connect(endpoint) as connection:
                connection.execute("drop role verified")
                connection.execute("drop role if exists missing_there")
