"""The report on disk, beside the journal that it is made from."""

from lmtui.journal import Reader
from lmtui.report import as_json, markdown
from lmtui.workdir import WorkDirectory, write_atomically


def write_report(directory: WorkDirectory) -> None:
    """Write the report in both forms."""
    reader = Reader(directory)
    state = reader.poll()
    write_atomically(directory.report_markdown, markdown(state, reader.records).encode())
    write_atomically(directory.report_json, as_json(state, reader.records))
