"""What will happen, in order, and the few choices that are left."""

from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from lmtui.endpoint import Endpoint
from lmtui.plan import Plan
from screens.base import Frame
from screens.glyphs import Glyphs
from screens.steps import step_rail
from screens.text import GOOD, MUTED, STRONG, WARN, line, lines
from screens.widgets.choice import Choice

JOBS = (1, 2, 4, 6, 8, 12, 16)
WHEN = {"when I say so": "manual", "as soon as caught up": "when-caught-up"}


def job_values(chosen: int) -> tuple[str, ...]:
    """The offered numbers of jobs, with the chosen one among them."""
    return tuple(str(jobs) for jobs in sorted({*JOBS, chosen}))


def steps_text(source: Endpoint, target: Endpoint, plan: Plan, glyphs: Glyphs) -> Content:
    """Both sides, then every step in the order in which it comes."""
    jobs = f"{plan.table_jobs} table jobs, {plan.index_jobs} index jobs"
    plugin = "plugin: as probed" if plan.plugin == "auto" else f"plugin: {plan.plugin}"
    roles = "extensions and schema" if plan.skip_roles else "roles, extensions and schema"
    when = "by itself once caught up" if plan.cutover == "when-caught-up" else "when you say so"
    steps = [
        ("Prepare", f"a slot and its snapshot on the source ({plugin})"),
        ("Schema", f"{roles} on the target"),
        ("Copy", f"pgcopydb clone from the snapshot: {jobs}"),
        ("Replay", "every change since the snapshot, while the source is in use"),
        ("Cut over", f"{when}: fence, drain, proof"),
        ("Validate", "rows and checksums of every table on both sides"),
    ]
    rows = [
        line(("Source  ", MUTED), (source.label, STRONG)),
        line(("Target  ", MUTED), (target.label, STRONG)),
        line(""),
    ]
    for number, (name, words) in enumerate(steps, 1):
        rows.append(line((f"{number}. ", MUTED), (f"{name:<9}", STRONG), words))
    rows += [
        line(""),
        line((f"{glyphs.ok} ", GOOD), "The source's data and schema are not touched. Added there:"),
        line("  a slot, and a pause of the jobs that move or drop chunks. Each such"),
        line("  change is written down before it is made; lmtui clean undoes it."),
    ]
    if plan.skip_table_data:
        rows.append(line(("Without data: ", MUTED), ", ".join(plan.skip_table_data)))
    if plan.skip_extensions:
        rows.append(line(("Extensions left out: ", MUTED), ", ".join(plan.skip_extensions)))
    if plan.drop_if_exists:
        rows.append(
            line(
                (f"{glyphs.warning} ", WARN),
                "What exists on the target under these names is dropped.",
            )
        )
    return lines(rows)


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
        Binding("p,f7,escape", "back", "Back", id="wizard.back", key_display="esc"),
        Binding("up,k", "app.focus_previous", "Other choice", show=False),
        Binding("down,j", "app.focus_next", "Other choice", key_display="up/down"),
    ]
    AUTO_FOCUS = "#table-jobs"

    def body(self) -> ComposeResult:
        plan, glyphs = self.lmtui.plan, self.lmtui.glyphs
        yield Static(step_rail("Review", glyphs), classes="header")
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
        yield Static(
            line(("Press s to start. ", STRONG), ("The source stays in use all along.", MUTED)),
            id="start",
        )

    def show(self) -> None:
        super().show()
        source, target = self.lmtui.endpoints()
        words = steps_text(source, target, self.lmtui.plan, self.lmtui.glyphs)
        self.query_one("#steps", Static).update(words)

    @on(Choice.Changed)
    def _chosen(self, event: Choice.Changed) -> None:
        plan = self.lmtui.plan
        match event.choice.id:
            case "table-jobs":
                plan = replace(plan, table_jobs=int(event.value))
            case "index-jobs":
                plan = replace(plan, index_jobs=int(event.value))
            case _:
                plan = replace(plan, cutover=WHEN[event.value])
        self.lmtui.plan = plan
        self.show()

    def action_start(self) -> None:
        """Start the migration."""
        from screens.starting import StartingScreen

        self.app.push_screen(StartingScreen())

    def action_back(self) -> None:
        """Back to the findings."""
        self.dismiss()
