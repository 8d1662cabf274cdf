"""The report on disk, beside the journal that it is made from."""

from lmtui.journal import Reader
from lmtui.ledger import Ledger
from lmtui.report import as_html, as_json, markdown
from lmtui.workdir import WorkDirectory, write_atomically

FORMS = {"md": markdown, "json": as_json, "html": as_html}


def read_report(directory: WorkDirectory, form: str) -> str:
    """The report in one of its forms, as journal and ledger have it now."""
    reader = Reader(directory)
    state = reader.poll()
    return FORMS[form](state, reader.records, Ledger(directory).entries())


def write_report(directory: WorkDirectory) -> None:
    """Write the report in all forms."""
    for path, form in (
        (directory.report_markdown, "md"),
        (directory.report_json, "json"),
        (directory.report_html, "html"),
    ):
        write_atomically(path, read_report(directory, form).encode())
