"""One awkward thing in a database or on its server, and what a check must say of it."""

from typing import NamedTuple


class Case(NamedTuple):
    """One awkward thing: the check that finds it, how grave it is, and how it comes about.

    `plain` is the severity for a plain owner where it differs. `evidence` is a part of the detail.
    `where` is source, target, or the superuser of one of them: +source, +target.
    """

    id: str
    severity: str
    statements: tuple[str, ...]
    evidence: str = ""
    plain: str = ""
    where: str = "source"
