"""Bytes, rates, durations and counts as an operator reads them. Pure functions."""

import humanize

UNKNOWN = "—"

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def bytes_text(count: float) -> str:
    """A size in binary units: 512 B, 1.5 GiB."""
    text = humanize.naturalsize(count, binary=True)
    return text.replace(" Bytes", " B").replace(" Byte", " B")


def rate_text(bytes_per_second: float) -> str:
    """A rate in bytes per second, in binary units: 12.3 MiB/s."""
    return f"{bytes_text(bytes_per_second)}/s"


def count_text(count: float) -> str:
    """A number of rows or other things: 12,345."""
    return humanize.intcomma(round(count))


def count_about(count: float) -> str:
    """A number that is an estimate, in few characters: 9,999, 84.2 k, 1.3 M, 12 G."""
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e4, " k")):
        if count >= size:
            number = count / (1e3 if unit == " k" else size)
            return f"{number:.1f}{unit}" if number < 99.95 else f"{number:,.0f}{unit}"
    return count_text(count)


def count_noun(number: int, one: str, many: str = "") -> str:
    """A number and its noun: 1 table, 2 tables, 1,204 entries."""
    return f"{count_text(number)} {one if number == 1 else many or one + 's'}"


def duration_text(seconds: float) -> str:
    """A duration in its two largest units: 40 ms, 4.2 s, 3 min 5 s, 2 h 10 min, 3 d 4 h."""
    if seconds < 0:
        return f"-{duration_text(-seconds)}"
    if round(seconds * 1000) < 1000:
        milliseconds = round(seconds * 1000)
        return f"{milliseconds} ms" if milliseconds else "0 s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return _two(whole // _MINUTE, "min", whole % _MINUTE, "s")
    minutes = round(seconds / _MINUTE)
    if minutes < _DAY // _MINUTE:
        return _two(minutes // 60, "h", minutes % 60, "min")
    hours = round(seconds / _HOUR)
    return _two(hours // 24, "d", hours % 24, "h")


def eta_text(seconds: float | None) -> str:
    """The time that is left, or a dash where it cannot be known. It is never known to a part of
    a second."""
    if seconds is None:
        return UNKNOWN
    return "under 1 s" if seconds < 1 else duration_text(seconds)


def percent(part: float, whole: float) -> str:
    """`part` of `whole`, rounded down: 100 % means that nothing is left."""
    return UNKNOWN if whole <= 0 else f"{min(100, int(100 * part / whole))} %"


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large} {large_unit}" + (f" {small} {small_unit}" if small else "")
