"""The gates of the cutover that ask whether every table of the target is whole. Pure."""

from lmtui.cutover.gates import blocker, listed
from lmtui.humane import count_noun
from lmtui.sample import Gate
from lmtui.state import State


def whole_gates(state: State) -> list[Gate]:
    """Tables that are copied anew, and foreign keys that are not checked yet."""
    gates: list[Gate] = []
    if names := [".".join(name) for name in state.sync.under_way]:
        why = state.sync.problem
        gates.append(
            blocker(
                "resync",
                f"{count_noun(len(names), 'table')} {'is' if len(names) == 1 else 'are'} not whole",
                f"{listed(names, ', ')}: {why.title if why else 'copied anew just now'}",
                f"{why.hint} lmtui resync {names[0]} tries again.".strip()
                if why
                else "Wait until the copy is done and has caught up.",
            )
        )
    if state.foreign_keys_left:
        gates.append(
            blocker(
                "foreign_keys",
                "Foreign keys are not checked yet",
                f"{count_noun(state.foreign_keys_left, 'foreign key')} of the target",
                "They are once replay has passed the last point of the copy, by themselves.",
            )
        )
    return gates
