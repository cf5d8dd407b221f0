"""The content of a file as table rows, as text or as bytes: pure, no widgets."""

from screens.widgets.live_table import Cell, Column, Row

TEXT_COLUMNS = (Column("number", "line", 7, "right"), Column("text", "", 20, grow=1))
HEX_COLUMNS = (Column("offset", "offset", 8, "right"), Column("bytes", "bytes", 47), Column("ascii", "text", 16))
MOST_BYTES = 512 * 1024
"""How much of a file is read to be looked at."""
LONGEST_LINE = 2000
_WIDTH = 16


def is_text(content: bytes) -> bool:
    """Whether it reads as text: no zero byte, and UTF-8 but for a character cut at the end."""
    if b"\0" in content:
        return False
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(content) - 4 and len(content) >= MOST_BYTES
    return True


def text_rows(content: bytes) -> list[Row]:
    """One row for each line, numbered from 1. Tabs become blanks."""
    lines = content.decode("utf-8", "replace").removesuffix("\n").split("\n")
    return [
        Row(str(number), (Cell(str(number), "dim"), Cell(line.rstrip("\r")[:LONGEST_LINE].expandtabs(4))))
        for number, line in enumerate(lines, start=1)
    ]


def hex_rows(content: bytes) -> list[Row]:
    """One row for each 16 bytes, with their offset and what of them is ASCII."""
    rows = []
    for offset in range(0, len(content), _WIDTH):
        piece = content[offset : offset + _WIDTH]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in piece)
        rows.append(Row(str(offset), (Cell(f"{offset:08x}", "dim"), Cell(piece.hex(" ")), Cell(shown))))
    return rows
