"""What is different stays so until it was compared again."""

from lmtui.events import RowDifference
from lmtui.validation.ahead import still_different

ROW = RowDifference(relation="public.t", key="id = 1", source="a = 1", target="a = 2")
EVERY = {"public.t", "public.u"}


def test_what_was_not_compared_again_stays_different() -> None:
    before = {"public.t": (ROW,)}
    kept = still_different(before, compared={"public.u"}, confirmed={}, every=EVERY)
    assert kept == before


def test_what_was_found_equal_is_so() -> None:
    before = {"public.t": (ROW,)}
    assert still_different(before, compared={"public.t"}, confirmed={}, every=EVERY) == {}


def test_what_differs_at_two_points_is_added() -> None:
    found = still_different(
        {"public.u": ()}, compared={"public.t"}, confirmed={"public.t": (ROW,)}, every=EVERY
    )
    assert found == {"public.u": (), "public.t": (ROW,)}


def test_what_is_gone_does_not_differ() -> None:
    assert still_different({"public.v": ()}, compared=(), confirmed={}, every=EVERY) == {}
