"""The report as one HTML file, from its Markdown. Pure.

Only what lmtui.report_text writes is known here: headings, paragraphs, lists, tables, bold, code.
"""

import html
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em;
       color: #1b1b1b; background: #fff; }
h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 2em; border-bottom: 1px solid #ccc; }
table { border-collapse: collapse; } th, td { padding: .2em .7em; border: 1px solid #ccc; }
th { text-align: left; background: #f3f3f3; } td.right { text-align: right; }
td { vertical-align: top; overflow-wrap: anywhere; } code { background: #f3f3f3; }
@media print { body { max-width: none; } h2 { break-after: avoid; } }
"""
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_CODE = re.compile(r"`([^`]+)`")
_ESCAPED = re.compile(r"\\([\\`|&*])")
_CELLS = re.compile(r"(?<!\\)\|")


def page(markdown: str, title: str) -> str:
    """The whole page; nothing in it is fetched from elsewhere."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(_blocks(markdown.splitlines()))
        + "\n</body>\n</html>\n"
    )


def _blocks(lines: Sequence[str]) -> Iterator[str]:
    for kind, group in groupby(lines, _kind):
        block = list(group)
        match kind:
            case "heading":
                for line in block:
                    signs, _, words = line.partition(" ")
                    yield f"<h{len(signs)}>{_inline(words)}</h{len(signs)}>"
            case "list":
                items = "\n".join(f"<li>{_inline(line[2:])}</li>" for line in block)
                yield f"<ul>\n{items}\n</ul>"
            case "table":
                yield _table(block)
            case "text":
                yield f"<p>{'<br>'.join(map(_inline, block))}</p>"


def _kind(line: str) -> str:
    if not line.strip():
        return "gap"
    if line.startswith("#"):
        return "heading"
    if line.startswith("- "):
        return "list"
    return "table" if line.startswith("|") else "text"


def _table(lines: Sequence[str]) -> str:
    header, rule, *rows = (_CELLS.split(line)[1:-1] for line in lines)
    head = "".join(f"<th>{_inline(cell.strip())}</th>" for cell in header)
    ends = [' class="right"' if cell.strip().endswith(":") else "" for cell in rule]
    body = "\n".join(
        "<tr>"
        + "".join(
            f"<td{end}>{_inline(cell.strip())}</td>" for cell, end in zip(row, ends, strict=False)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table>\n<tr>{head}</tr>\n{body}\n</table>"


def _inline(words: str) -> str:
    # A sign that is kept from being Markdown's is hidden while those are read.
    kept: list[str] = []

    def hide(found: re.Match[str]) -> str:
        kept.append(found[1])
        return f"\0{len(kept) - 1}\0"

    text = html.escape(_ESCAPED.sub(hide, words.replace("\\<", "<")), quote=False)
    text = _CODE.sub(r"<code>\1</code>", _BOLD.sub(r"<strong>\1</strong>", text))
    return re.sub("\0([0-9]+)\0", lambda found: html.escape(kept[int(found[1])]), text)
