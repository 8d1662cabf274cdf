"""What is drawn, without an app: charts, masks, signs, themes, words."""

from datetime import timedelta

import endings
import pytest
import stories
import worst
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from textual.content import Content

from lmtui import events as e
from lmtui.phases import Phase, Status
from lmtui.state import LagPoint, State, with_sample
from screens import panel_text, standing
from screens.clipboard import to_tmux
from screens.events_text import event_text
from screens.glyphs import ASCII, UNICODE, choose_glyphs
from screens.text import GOOD, fit, phase_rail
from screens.themes import choose_theme
from screens.widgets.lag_chart import buckets, chart
from screens.widgets.uri_input import masked


def points(*lags: int) -> list[LagPoint]:
    return [
        LagPoint(stories.BEGAN + timedelta(seconds=place), lag, 0.0)
        for place, lag in enumerate(lags)
    ]


def test_a_level_lag_looks_level_and_full() -> None:
    rows = chart(points(*[1000 * stories.KIB] * 20), 40, 4, UNICODE).plain.splitlines()
    assert rows[0].strip().startswith("1000.0 KiB")
    assert all("█" * 20 in row for row in rows[:3])


def test_the_chart_starts_at_zero() -> None:
    rows = chart(points(996_000, 998_000, 1_000_000), 40, 4, UNICODE).plain.splitlines()
    assert rows[2].endswith("███")
    assert rows[0].rstrip()[-3:].strip("▇█") == ""


def test_a_few_bytes_are_not_drawn_as_a_mountain() -> None:
    rows = chart(points(300, 40, 512), 40, 4, UNICODE).plain.splitlines()
    assert rows[0].strip() == "64.0 KiB"
    assert rows[2].endswith("▁▁▁")


def test_one_point_is_no_course() -> None:
    assert "from here on" in chart(points(9_000_000), 40, 4, UNICODE).plain


def test_no_lag_is_drawn_as_none_and_a_small_one_is_seen() -> None:
    rows = chart(points(0, 1, 1_000_000), 40, 4, UNICODE).plain.splitlines()
    assert rows[2].endswith(" ▁█")


def test_a_bucket_shows_its_highest_value() -> None:
    assert buckets([1, 9, 2, 3], 2) == [9, 3]
    assert buckets([1, 2], 5) == [1, 2]


@given(st.lists(st.integers(0, 2**60), max_size=700), st.integers(0, 160), st.integers(0, 20))
def test_the_chart_never_leaves_its_room(lags: list[int], width: int, height: int) -> None:
    drawn = chart(points(*lags), width, height, ASCII)
    if width >= 22 and height >= 2 and len(lags) > 1:
        assert len(drawn.split("\n")) == height
        assert max(row.cell_length for row in drawn.split("\n")) <= width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://u:secret@h:5432/d", "postgres://u:******@h:5432/d"),
        ("postgresql://u:p@ss@h/d", "postgresql://u:****@h/d"),
        ("postgres://u:secr", "postgres://u:****"),
        ("postgres://localhost:5432/d", "postgres://localhost:5432/d"),
        ("postgres://h:5432", "postgres://h:5432"),
        ("postgres://u@h/d?password=x y", "postgres://u@h/d?password=* y"),
        ("host=h password='a b' dbname=d", "host=h password=***** dbname=d"),
        ("host=h sslpassword=ab user=u", "host=h sslpassword=** user=u"),
        ("", ""),
    ],
)
def test_passwords_are_masked_while_they_are_typed(text: str, shown: str) -> None:
    assert masked(text) == shown


@given(st.text(alphabet=st.characters(exclude_characters="@/?#: ", codec="ascii"), min_size=1))
def test_no_password_of_a_uri_is_shown(password: str) -> None:
    shown = masked(f"postgres://u:{password}@h/d")
    assert shown == f"postgres://u:{'*' * len(password)}@h/d"


@pytest.mark.parametrize(
    ("environment", "ascii_only"),
    [
        ({}, False),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "en_US.utf8"}, False),
        ({"LANG": "en_US.ISO-8859-1"}, True),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LANG": "C.UTF-8", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LC_CTYPE": "C.UTF-8"}, False),
    ],
)
def test_signs_follow_the_locale(environment: dict[str, str], ascii_only: bool) -> None:
    assert choose_glyphs(environment) is (ASCII if ascii_only else UNICODE)


@pytest.mark.parametrize(
    ("environment", "theme", "ansi"),
    [
        ({"TERM": "tmux-256color"}, "lmtui-dark", None),
        ({"TERM": "xterm-256color", "COLORFGBG": "0;15"}, "lmtui-light", None),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "lmtui-dark", None),
        ({"TERM": "screen"}, "lmtui-16-dark", None),
        ({"TERM": "linux"}, "lmtui-16-dark", None),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "lmtui-16-dark", True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1", "COLORFGBG": "0;7"}, "lmtui-16-light", True),
    ],
)
def test_themes_follow_the_terminal(
    environment: dict[str, str], theme: str, ansi: bool | None
) -> None:
    assert choose_theme(environment) == (theme, ansi)


def test_without_tmux_nothing_is_said_of_it() -> None:
    assert to_tmux("x", {}) == ""


def test_a_tmux_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert "did not take it" in to_tmux("x", {"TMUX": "/tmp/none,1,0"})  # noqa: S108


def test_long_and_wide_names_are_cut_to_their_cells() -> None:
    assert fit("orders", 10, UNICODE) == "orders"
    assert fit("order_lines_of_2024", 8, UNICODE) == "order_l…"
    assert Content(fit("表名表名表名", 7, UNICODE)).cell_length <= 7


def growing(every: float = 5.0) -> State:
    """Both disks fill."""
    state = replace(stories.copying(), lag_history=())
    assert state.sample is not None
    for place in range(60):
        sample = replace(
            state.sample,
            at=stories.NOW + timedelta(seconds=every * place),
            copy=replace(state.sample.copy, eta_seconds=None),
            source=replace(state.sample.source, retained_bytes=place * stories.GIB),
            spool=replace(state.sample.spool, bytes=place * 50 * stories.MIB),
        )
        state = with_sample(state, sample)
    return state


def test_a_disk_that_fills_is_foretold() -> None:
    words = panel_text.source_text(growing(), 76, UNICODE).plain
    # 61 GiB more at 0.2 GiB a second; 180 GiB free at 10 MiB a second.
    assert "the slot's limit in 5 min" in words
    assert "the disk here in 5 h 7 min" in words


def test_nothing_is_foretold_of_what_does_not_grow_or_was_hardly_seen() -> None:
    for state in (stories.caught_up(), growing(0.1)):
        assert "full at" not in panel_text.source_text(state, 76, UNICODE).plain


def test_rows_of_the_copy_are_told_as_estimates() -> None:
    words = panel_text.copy_text(stories.copying(), 76, 2, UNICODE).plain
    assert "tables 9/21   indexes 39/48   rows about 84.2 M of 204 M" in words
    assert "118.0 MiB/s   about 52.3 k rows/s   ETA 2 h 10 min" in words


def test_a_replay_that_stands_still_is_not_called_caught_up() -> None:
    state = stories.caught_up()
    assert "Caught up" in panel_text.replay_text(state, 76, UNICODE).plain
    words = panel_text.replay_text(state, 76, UNICODE, alive=False).plain.splitlines()[0]
    assert words.split("  ")[0] == "Not replaying now"
    assert words.endswith(f"as measured at {stories.NOW:%H:%M:%S} UTC")
    waiting = panel_text.replay_text(stories.copying(), 76, UNICODE, alive=False).plain
    assert waiting.startswith("Not replaying now")


def test_the_chart_says_what_it_is_of() -> None:
    points = stories.caught_up().lag_history
    assert "behind" in chart(points, 76, 4, UNICODE).plain.splitlines()[-1]


def test_the_fence_is_said_to_be_lifted_once() -> None:
    state = endings.given_up()
    for why in ("time is up", "The cutover was cancelled; the fence is lifted"):
        cutover = replace(state.cutover, given_up=why)
        banner = standing.banner(replace(state, cutover=cutover), alive=True)
        assert banner is not None
        assert f"{banner.title} {banner.detail}".count("fence is lifted") == 1


def test_preflight_counts_what_must_be_read() -> None:
    level, words = event_text(e.FindingsRecorded(findings=endings.findings()))
    assert (level, words) == ("warning", "Preflight ended: 1 blocker, 2 warnings in 10 checks")


ALL_STATES = [
    stories.prepared().state(), stories.copying(), growing(), stories.replaying(),
    stories.caught_up(),
    stories.falling_behind(), stories.failed(), endings.cutting(), endings.given_up(),
    endings.drained_journal().state(), endings.result(), endings.result(lost=1),
    stories.copying(stories.LONG_ENDPOINTS, odd_names=True),
]  # fmt: skip


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("state", ALL_STATES)
def test_no_row_is_wider_than_80_columns_leave(state: State, glyphs: object) -> None:
    assert isinstance(glyphs, type(UNICODE))
    width = 76
    drawn = [
        standing.header(state, stories.NOW, width, glyphs),
        phase_rail(state, glyphs),
        panel_text.copy_text(state, width, 5, glyphs),
        panel_text.source_text(state, width, glyphs),
        panel_text.replay_text(state, width, glyphs),
        panel_text.applied_text(state, width, glyphs),
        panel_text.recent_text(state, width, 5, glyphs),
        panel_text.cutover_text(state, True, width, glyphs),
    ]
    for content in drawn:
        for row in content.split("\n"):
            assert row.cell_length <= width, row.plain


@pytest.mark.parametrize("state", ALL_STATES)
def test_ascii_is_ascii(state: State) -> None:
    for draw in (panel_text.replay_text, panel_text.source_text, panel_text.applied_text):
        assert draw(state, 76, ASCII).plain.isascii()
    assert phase_rail(state, ASCII).plain.isascii()


def test_the_rail_marks_the_place_and_how_it_fares() -> None:
    assert "✓ Schema  ▶ Copy  · Catch up" in phase_rail(stories.copying(), UNICODE).plain
    assert "✗ Catch up" in phase_rail(stories.failed(), UNICODE).plain
    assert "✗ Validate" in phase_rail(endings.result(lost=1), UNICODE).plain
    assert phase_rail(endings.result(), UNICODE).plain.count("✓") == 7


def test_the_title_holds_no_control_characters() -> None:
    journal = stories.copying_journal()
    state = journal.state()
    assert standing.title(state, True, UNICODE) == "lmtui: shop copy"
    odd = stories.copying_journal(
        e.Endpoints(source="a", target="b", source_database="x\x07\x1b]2;y", target_database="z")
    ).state()
    assert standing.title(odd, True, UNICODE) == "lmtui: x]2;y copy"
    assert standing.title(endings.result(), False, UNICODE) == "lmtui: shop ✓ done"


EVENTS: list[e.AnyEvent] = [
    *(record.event for record in endings.drained_journal().records),
    e.WorkerStopped(),
    e.StatusChanged(status=Status.FAILED, problem=e.Problem(title="Disk full")),
    e.FellBehind(lag_bytes=1, lag_seconds=2.0),
    e.DriftSeen(side="source", details=("table public.new",)),
    e.DriftCleared(side="source"),
    e.ChunksDropped(chunks=("a", "b")),
    e.Noted(level="warning", text="Slow"),
    e.CutoverGivenUp(reason="cancelled"),
    e.CutoverStep(step="drain", status="failed", detail="time is up"),
    e.Completed(proven=False, downtime_seconds=1.0),
    e.CleanedUp(removed=()),
    e.PhaseEntered(phase=Phase.CLEANED_UP),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_has_words(event: e.AnyEvent) -> None:
    level, words = event_text(event)
    assert level in {"info", "ok", "warning", "failed", "running"}
    assert words
    assert words[0].isupper() or words[0].isdigit()


def test_where_nothing_measures_nothing_is_of_now_and_nothing_is_green() -> None:
    points = stories.caught_up().lag_history
    row = chart(points, 76, 4, UNICODE, ended=True).plain.splitlines()[-1]
    assert row.endswith(f"{points[-1].at:%H:%M:%S} UTC")
    assert "now" not in row
    assert "earlier" in row
    state = stories.caught_up()
    assert panel_text.source_text(state, 76, UNICODE).plain.startswith(UNICODE.ok)
    drawn = panel_text.source_text(state, 76, UNICODE, alive=False)
    assert drawn.plain.startswith(f"{UNICODE.pending} wal_status reserved, safe at")
    assert not any(span.style == GOOD for span in drawn.spans)


def test_changes_that_found_no_row_are_told_at_80_columns() -> None:
    row = panel_text.applied_text(worst.filling(), 76, UNICODE).plain
    assert "4 unmatched" in row
