"""A change of the stream that the target refused, as everybody tells and keeps it."""

import msgspec


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """The change at which replay stands.

    `change` is its name: its LSN, or LSN#n for the n-th change that has this LSN. `key` are the
    columns that say which row it means, `values` what an update would set; both, and `statement`,
    are cut where they are long. `sqlstate` is empty where the server had nothing against the
    statement itself, such as a row that was not there.
    """

    change: str
    kind: str
    relation: str
    key: str = ""
    values: str = ""
    statement: str = ""
    sqlstate: str = ""
    words: str = ""

    @property
    def named(self) -> str:
        """What it is, in a few words: UPDATE public.orders at 0/1A2B3C4 (id = 7)."""
        row = f" ({self.key})" if self.key else ""
        return f"{self.kind} {self.relation} at {self.change}{row}"

    @property
    def why(self) -> str:
        """Why it could not be applied, with the SQLSTATE where there is one."""
        return f"{self.sqlstate}: {self.words}" if self.sqlstate else self.words


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a migration stopped: what failed, why, what to do next; `refused` where replay stands."""

    title: str
    detail: str = ""
    hint: str = ""
    refused: Refused | None = None
