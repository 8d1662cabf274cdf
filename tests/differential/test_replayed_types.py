"""Values of every type, as a value and as a key, through each way a change can be applied.

Each type has a table where it is a value, one where it is the key, and one where the whole row is.
"""

import itertools

import pytest
from every_type import TYPES, Type
from harness import Case, Pairing

pytestmark = pytest.mark.postgres

# More than a decoder, a driver or a server takes to prepare itself for what comes often.
REPEATED = 9
GROUPS = [tuple(TYPES[start : start + 15]) for start in range(0, len(TYPES), 15)]


def _setup(number: int, type_: Type) -> str:
    key = f"create table k{number} (v {type_.name} primary key, n int, i int);"
    return f"""
        create table v{number} (id int primary key, v {type_.name});
        create table w{number} (v {type_.name}, n int);
        alter table w{number} replica identity full;
        {key if type_.key else ""}
    """


def _insert(case: Case, number: int, type_: Type) -> None:
    cast = type_.name.partition(" collate")[0]
    values = [f"({value})::{cast}" for value in type_.values]
    if type_.name != "short_domain":
        values.append(f"null::{cast}")
    rows = list(enumerate(values * REPEATED, 1))
    case.run(
        f"insert into v{number} values " + ", ".join(f"({at}, {value})" for at, value in rows),
        f"insert into w{number} values " + ", ".join(f"({value}, {at % 2})" for at, value in rows),
    )
    if type_.key:
        keys = [f"(({value})::{cast}, 0, {at})" for at, value in enumerate(type_.values)]
        case.run(f"insert into k{number} values {', '.join(keys)}")


def _update(case: Case, number: int, type_: Type) -> None:
    case.run(
        f"""update v{number} v set v = (select o.v from v{number} o
            where o.id = v.id % (select max(id) from v{number}) + 1) where id > 2""",
        # One of several equal rows, and then some.
        f"update w{number} set n = 7 where ctid = (select min(ctid) from w{number})",
        f"""update w{number} set n = n + 10
            where ctid in (select min(ctid) from w{number} group by v::text)""",
    )
    if type_.key:
        case.run(f"update k{number} set n = n + 1", f"update k{number} set n = n + 1 where i = 0")


def _delete(case: Case, number: int, type_: Type) -> None:
    case.run(
        f"delete from v{number} where id % 3 = 0",
        f"delete from w{number} where ctid = (select max(ctid) from w{number})",
        f"""delete from w{number}
            where ctid in (select max(ctid) from w{number} group by v::text)""",
    )
    if type_.key:
        case.run(f"delete from k{number} where i = 1")


def _empty(case: Case, number: int, type_: Type) -> None:
    case.run(f"delete from v{number}", f"truncate w{number}")
    if type_.key:
        case.run(f"delete from k{number}")


@pytest.mark.parametrize("types", GROUPS, ids=[types[0].name for types in GROUPS])
def test_types(plain: Pairing, types: tuple[Type, ...]) -> None:
    setup = "".join(itertools.starmap(_setup, enumerate(types)))
    with plain.case(setup) as case:
        for step in (_insert, _update, _delete):
            for number, type_ in enumerate(types):
                step(case, number, type_)
            case.check()
        for step in (_empty, _insert, _update, _delete):
            for number, type_ in enumerate(types):
                step(case, number, type_)
        case.check(one_by_one=True)
