"""What a cutover that came to no end has left for the next one. Pure."""

from lmtui.cutover.gates import listed, warning
from lmtui.fenced import ways_out
from lmtui.sample import Gate
from lmtui.state import State
from lmtui.unproven import reasons


def left_by_cutover(state: State) -> list[Gate]:
    """Warnings only: what still differs is found again."""
    gates = []
    if state.cutover.fence_kept:
        words = f"{ways_out(state)} Another cutover begins behind it."
        gates.append(warning("fence_kept", "The fence of the last cutover is kept", words))
    if state.not_proven is not None:
        gates.append(
            warning(
                "not_proven",
                "The last cutover was not proven",
                listed(reasons(state.not_proven)),
                " ".join(state.cutover.ways),
            )
        )
    return gates
