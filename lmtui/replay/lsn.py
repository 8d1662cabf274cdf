"""Log sequence numbers (PostgreSQL, `pg_lsn`): text such as 16/B374D848, or a number of bytes."""


def parse_lsn(text: str) -> int:
    """The number of bytes that `text` stands for."""
    high, low = text.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def format_lsn(lsn: int) -> str:
    """The text form that PostgreSQL prints."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"
