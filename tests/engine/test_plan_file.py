"""The file of --hypertables: read, written, and refused with the line that is wrong."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmtui.cli.parser import parse as parse_arguments
from lmtui.cli.place import plan_of
from lmtui.errors import UsageError
from lmtui.hypertables.plan_file import parse, read, text
from lmtui.hypertables.wanted import Wanted
from lmtui.plan import Plan
from lmtui.workdir import WorkDirectory

READINGS = Wanted(schema="public", name="readings", column="at", interval="7 days")
_names = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20
)
_intervals = st.one_of(
    st.integers(0, 2**63 - 1).map(str), st.sampled_from(["7 days", "01", "1 mon", "- 1"])
)


@given(st.lists(st.builds(Wanted, schema=_names, name=_names, column=_names, interval=_intervals)))
def test_what_is_written_is_read(wanted: list[Wanted]) -> None:
    if wanted:
        assert parse(text(wanted), "file") == tuple(wanted)


@pytest.mark.parametrize(
    ("table", "schema", "name"),
    [
        ("public.readings", "public", "readings"),
        ("readings", "public", "readings"),
        ("Sensors.Data", "Sensors", "Data"),
        ('"odd.schema"."a ""b"" c"', "odd.schema", 'a "b" c'),
        ('s."1.2"', "s", "1.2"),
        ("s.with space", "s", "with space"),
    ],
)
def test_a_table_is_named_as_in_sql_or_as_it_is(table: str, schema: str, name: str) -> None:
    entry = f"[[hypertable]]\ntable = '{table}'\ncolumn = 'at'\ninterval = 1000\n"
    [wanted] = parse(entry, "file")
    assert (wanted.schema, wanted.name, wanted.interval) == (schema, name, "1000")


def test_it_is_written_to_be_copied() -> None:
    numbered = Wanted(schema="s", name="By id", column="Id", interval="1000000")
    assert text([READINGS, numbered]) == (
        '[[hypertable]]\ntable = "public.readings"\ncolumn = "at"\ninterval = "7 days"\n\n'
        '[[hypertable]]\ntable = "s.\\"By id\\""\ncolumn = "Id"\ninterval = 1000000\n'
    )


_GOOD = '[[hypertable]]\ntable = "a"\ncolumn = "b"\ninterval = 1\n'


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("[[hypertable]\n", "line 1"),
        ("", "names no hypertable"),
        ("hypertable = 3", "not written as [[hypertable]]"),
        ("hypertable = [3]", "not written as [[hypertable]]"),
        ("other = 3", "other, which is not known"),
        (_GOOD + '[[hypertable]]\ncolumn = "b"\ninterval = 1\n', "line 5"),
        ('[[hypertable]]\ntable = "a"\ninterval = 1\n', "no column"),
        ('[[hypertable]]\ntable = "a"\ncolumn = "b"\n', "no interval"),
        (_GOOD + "chunks = 3\n", "chunks, which is not known"),
        (_GOOD.replace('"a"', "3"), "table is not a name"),
        (_GOOD.replace('"a"', '"a.b.c"'), "not schema.name"),
        (_GOOD.replace('"a"', '"a."'), "not schema.name"),
        (_GOOD.replace('"a"', "'\"a'"), "not schema.name"),
        (_GOOD.replace('"a"', "'\"a\"b'"), "not schema.name"),
        (_GOOD.replace('"b"', "'\"b'"), "quoted in another way"),
        (_GOOD.replace('"b"', '" "'), "column is not a name"),
        (_GOOD.replace("= 1", "= true"), "neither a number nor a text"),
        (_GOOD.replace("= 1", "= 1.5"), "neither a number nor a text"),
        (_GOOD.replace("= 1", '= ""'), "neither a number nor a text"),
        (_GOOD.replace('"b"', '"\\u0000"'), "NUL"),
        ('hypertable = [{table = "a", column = "b"}]', "entry 1"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(written: str, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse(written, "plan.toml")
    assert "plan.toml" in raised.value.title
    assert words in f"{raised.value.title} {raised.value.detail}"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.toml"):
        read(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes(b"# \xe4")
    with pytest.raises(UsageError, match="not UTF-8"):
        read(tmp_path / "latin.toml")


@pytest.mark.parametrize("command", ["check", "migrate"])
def test_the_flag_fills_the_plan_which_is_kept(command: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(text([READINGS]), encoding="utf-8")
    plan = plan_of(parse_arguments([command, "--hypertables", str(file)]))
    assert plan.hypertables == (READINGS,)
    directory = WorkDirectory(tmp_path / "work")
    directory.create()
    plan.save(directory)
    assert Plan.load(directory) == plan
    assert plan_of(parse_arguments([command])).hypertables == ()
