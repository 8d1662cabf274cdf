"""What will happen, in order, and the few choices that are left."""

from collections.abc import Sequence
from pathlib import Path
from shlex import join, split
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from lmtui.errors import LmtuiError
from lmtui.events import Finding
from lmtui.humane import bytes_text, count_noun, eta_text, rate_text
from lmtui.hypertables.wanted import Wanted
from lmtui.plan import Plan
from screens.base import Frame
from screens.divisions import in_words
from screens.glyphs import Glyphs
from screens.steps import StepRail
from screens.text import BAD, GOOD, MUTED, STRONG, WARN, fit, line, lines
from screens.widgets.choice import Choice
from screens.widgets.field import Field

if TYPE_CHECKING:
    from lmtui.look import Seen

JOBS = (1, 2, 4, 6, 8, 12, 16)
WHEN = {"when I say so": "manual", "as soon as caught up": "when-caught-up"}
# Of those that become hypertables, so many are named; the commands name all.
MOST_TABLES = 12
# Whether it is said after the cutover what going back takes.
BACK = {"not provided for": False, "source kept ready": True}
# What becomes, on the target, of chunks that the source drops meanwhile.
DROPPED = {"on the target too": False, "on the source only": True}


def job_values(chosen: int) -> tuple[str, ...]:
    """The offered numbers of jobs, with the chosen one among them."""
    return tuple(str(jobs) for jobs in sorted({*JOBS, chosen}))


def divided_text(wanted: Sequence[Wanted], width: int) -> str:
    """A line for each table that becomes a hypertable, the first of many; more where it is long."""
    told = [wrap(in_words(one), width, subsequent_indent="  ") for one in wanted[:MOST_TABLES]]
    rows = [row for rows in told for row in rows]
    left = len(wanted) - len(told)
    if left:
        rows.append(f"and {count_noun(left, 'more table')}; w has the statements of all")
    return "\n".join(rows)


def steps_text(plan: Plan, width: int, glyphs: Glyphs) -> Content:
    """Every step in the order in which it comes."""
    tables = count_noun(plan.table_jobs, "table job")
    jobs = f"{tables}, {count_noun(plan.index_jobs, 'index job')}"
    plugin = "wal2json or test_decoding" if plan.plugin == "auto" else plan.plugin
    roles = "extensions and schema" if plan.skip_roles else "roles, extensions and schema"
    when = "by itself once caught up" if plan.cutover == "when-caught-up" else "when you say so"
    chosen = divided_text(plan.hypertables, width - 15)
    divided = [("Hypertables", chosen)] if plan.hypertables else []
    steps = [
        ("Prepare", f"a slot ({plugin}) and snapshot on the source"),
        ("Schema", f"{roles} on the target"),
        ("Copy", f"pgcopydb clone from the snapshot: {jobs}"),
        *divided,
        ("Replay", "every change since the snapshot, while the source is in use"),
        ("Cut over", f"{when}: fence, drain, proof"),
        ("Validate", "rows and checksums of every table on both sides"),
    ]
    rows: list[Content] = []
    room = max(len(name) for name, _ in steps) + 1
    for number, (name, words) in enumerate(steps, 1):
        first, *more = words.splitlines()
        rows.append(line((f"{number}. ", MUTED), (f"{name:<{room}}", STRONG), first))
        rows += [line(" " * (room + 3), other) for other in more]
    rows += [
        line(""),
        line((f"{glyphs.ok} ", GOOD), "Added to the source: a slot, and a pause of the jobs that"),
        line("  move or drop chunks. Each such change is written down before it is made;"),
        line("  lmtui clean undoes it."),
    ]
    if plan.skip_table_data:
        rows.append(line(("Without data: ", MUTED), ", ".join(plan.skip_table_data)))
    if plan.skip_extensions:
        rows.append(line(("Extensions left out: ", MUTED), ", ".join(plan.skip_extensions)))
    if plan.keep_dropped_chunks:
        rows.append(line(("Kept: ", MUTED), "what the source drops with its chunks meanwhile"))
    if plan.keep_source_ready:
        rows.append(line(("Going back: ", MUTED), "after the cutover, it is said what it takes"))
    if plan.drop_if_exists:
        rows.append(
            line(
                (f"{glyphs.warning} ", WARN),
                "What exists on the target under these names is dropped.",
            )
        )
    return lines(rows)


def scope_text(findings: Sequence[Finding]) -> list[Content]:
    """What will be moved and what not, as preflight has counted it."""
    said = {finding.id: finding.title for finding in findings}
    titles = (said.get("scope.migrated", ""), said.get("scope.left_out", ""))
    return [line(title) for title in titles if title]


def forecast_text(source: "Seen | None", free: int | None, glyphs: Glyphs) -> list[Content]:
    """How long the copy may take, and what it needs; nothing where the source was not seen."""
    if source is None:
        return []
    from lmtui.forecast import FAST, SLOW, copy_seconds

    # A guess is not said to the second.
    quick, slow = (max(round(seconds / 60), 1) * 60 for seconds in copy_seconds(source))
    dash = "-" if glyphs.dash == "-" else "\u2013"
    size = bytes_text(source.bytes)
    span = eta_text(slow) if quick == slow else f"{eta_text(quick)} {dash} {eta_text(slow)}"
    rows = [
        line(
            ("Copy    ", MUTED),
            (f"{size}, about {span}", STRONG),
            (f" ({rate_text(FAST)} {dash} {rate_text(SLOW)})", MUTED),
        )
    ]
    spool = f"; {bytes_text(free)} free here for the spool" if free is not None else ""
    rows.append(line(("Disk    ", MUTED), f"about {size} on the target{spool}"))
    return rows


class ReviewScreen(Frame[None]):
    """The plan, in words."""

    CSS_PATH = "review.tcss"
    HELP = (
        "Jobs are connections that copy at the same time: more is quicker until the disk or the "
        "network is full, and each loads the source. The rest of the plan comes from the flags of "
        "the command line."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s,f8", "start", "Start", id="review.start", key_display="s/f8"),
        Binding("w", "commands", "Commands", id="review.commands"),
        Binding("p,f7,escape", "back", "Back", id="wizard.back", key_display="esc"),
        Binding("pagedown", "page(1)", "More", id="review.more", key_display="pgdn"),
        Binding("pageup", "page(-1)", "Less", show=False),
        Binding("up,k", "app.focus_previous", "Other choice", show=False),
        Binding("down,j", "app.focus_next", "Other choice", show=False),
    ]
    AUTO_FOCUS = "#table-jobs"

    _free: int | None = None

    def body(self) -> ComposeResult:
        self._suggest()
        plan, glyphs = self.lmtui.plan, self.lmtui.glyphs
        yield StepRail("Review")
        with VerticalScroll(id="plan", can_focus=False):
            yield Static(id="steps", markup=False)
        with VerticalGroup(id="choices", classes="section") as group:
            group.border_title = Content("Choices")
            yield Choice(
                "table jobs", job_values(plan.table_jobs), str(plan.table_jobs), glyphs,
                id="table-jobs",
            )  # fmt: skip
            yield Choice(
                "index jobs", job_values(plan.index_jobs), str(plan.index_jobs), glyphs,
                id="index-jobs",
            )  # fmt: skip
            when = next(words for words, value in WHEN.items() if value == plan.cutover)
            yield Choice("cut over", tuple(WHEN), when, glyphs, id="cutover")
            kept = next(w for w, value in DROPPED.items() if value == plan.keep_dropped_chunks)
            yield Choice("drop_chunks", tuple(DROPPED), kept, glyphs, id="dropped-chunks")
            back = next(w for w, value in BACK.items() if value == plan.keep_source_ready)
            yield Choice("going back", tuple(BACK), back, glyphs, id="going-back")
            with HorizontalGroup(id="hook-row"):
                yield Static(line(("  hook        ", MUTED)), id="hook-label")
                words = "a command to run when caught up, stalled, failed or done"
                yield Field(join(plan.hook), id="hook", compact=True, placeholder=words)
        yield Static(
            line(
                ("Press s to start. ", STRONG),
                ("The source stays in use, its data and schema as they are.", MUTED),
            ),
            id="start",
        )

    def on_mount(self) -> None:
        super().on_mount()
        self.ask(self.lmtui.client.free_bytes, self._measured)

    def _measured(self, answer: int | LmtuiError) -> None:
        # It is a forecast: what cannot be measured is left out.
        self._free = None if isinstance(answer, LmtuiError) else answer
        self.show()

    def _suggest(self) -> None:
        """Begin with the jobs that both servers have room for, unless some were chosen."""
        app, defaults = self.lmtui, Plan()
        given = (app.plan.table_jobs, app.plan.index_jobs)
        untouched = given == (defaults.table_jobs, defaults.index_jobs)
        if len(app.seen) == 2 and untouched and not app.jobs_chosen:
            from lmtui.forecast import suggested_jobs

            jobs = suggested_jobs(app.seen["source"], app.seen["target"])
            app.plan = replace(app.plan, table_jobs=jobs.tables, index_jobs=jobs.indexes)

    def show(self) -> None:
        super().show()
        source, target = self.lmtui.endpoints()
        app = self.lmtui
        ends = [
            line((f"{words}  ", MUTED), (fit(end.label, app.size.width - 12, app.glyphs), STRONG))
            for words, end in (("Source", source), ("Target", target))
        ]
        forecast = forecast_text(app.seen.get("source"), self._free, app.glyphs)
        rows = [*ends, *forecast, *scope_text(app.findings or ()), line("")]
        self.query_one("#steps", Static).update(
            lines([*rows, steps_text(app.plan, app.size.width - 3, app.glyphs)])
        )

    @on(Input.Changed, "#hook")
    def _hooked(self, event: Input.Changed) -> None:
        label = self.query_one("#hook-label", Static)
        try:
            hook = tuple(split(event.value))
        except ValueError:
            label.update(line((f"{self.lmtui.glyphs.failed} hook: a quote", BAD)))
            return
        label.update(line(("  hook        ", MUTED)))
        self.lmtui.plan = replace(self.lmtui.plan, hook=hook)

    @on(Choice.Changed)
    def _chosen(self, event: Choice.Changed) -> None:
        plan = self.lmtui.plan
        match event.choice.id:
            case "table-jobs":
                plan = replace(plan, table_jobs=int(event.value))
            case "index-jobs":
                plan = replace(plan, index_jobs=int(event.value))
            case "going-back":
                plan = replace(plan, keep_source_ready=BACK[event.value])
            case "dropped-chunks":
                plan = replace(plan, keep_dropped_chunks=DROPPED[event.value])
            case _:
                plan = replace(plan, cutover=WHEN[event.value])
        self.lmtui.plan, self.lmtui.jobs_chosen = plan, True
        self.show()

    def action_commands(self) -> None:
        """Every statement and command, in order."""
        from lmtui.forecast import commands
        from screens.commands import CommandsScreen

        app = self.lmtui
        names = {endpoint.side: endpoint.database for endpoint in app.endpoints()}
        source = app.seen.get("source")
        scaled = source is None or bool(source.timescaledb)
        found = commands(app.plan, Path(app.directory or "."), names, timescaledb=scaled)
        self.app.push_screen(CommandsScreen(found))

    def action_page(self, by: int) -> None:
        """Show more of the plan."""
        plan = self.query_one("#plan")
        plan.scroll_relative(y=by * max(plan.size.height - 1, 1), animate=False)

    def action_start(self) -> None:
        """Start the migration."""
        from screens.starting import StartingScreen

        self.app.push_screen(StartingScreen())

    def action_back(self) -> None:
        """Back to the findings."""
        self.dismiss()
