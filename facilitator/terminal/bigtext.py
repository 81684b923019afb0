"""Letters and figures large enough to read from across a table, drawn with block characters.

A glyph is five columns of eight dots, lowest bit at the top. Latin letters with and without marks,
figures and a little punctuation; a text with anything else in it has no large form, and the screen
writes it in ordinary letters instead.
"""

from __future__ import annotations

import unicodedata

_HEX = {
    "A": "7E1111117E", "B": "7F49494936", "C": "3E41414122", "D": "7F4141221C", "E": "7F49494941",
    "F": "7F09090901", "G": "3E4149497A", "H": "7F0808087F", "I": "417F41", "J": "2040413F01",
    "K": "7F08142241", "L": "7F40404040", "M": "7F020C027F", "N": "7F0408107F", "O": "3E4141413E",
    "P": "7F09090906", "Q": "3E4151215E", "R": "7F09192946", "S": "4649494931", "T": "01017F0101",
    "U": "3F4040403F", "V": "1F2040201F", "W": "3F4038403F", "X": "6314081463", "Y": "0708700807",
    "Z": "6151494543", "a": "2054545478", "b": "7F48444438", "c": "3844444420", "d": "384444487F",
    "e": "3854545418", "f": "087E090102", "g": "1CA4A4A47C", "h": "7F08040478", "i": "447D40",
    "j": "80847D", "k": "7F102844", "l": "417F40", "m": "7C04180478", "n": "7C08040478",
    "o": "3844444438", "p": "FC24242418", "q": "18242424FC", "r": "7C08040408", "s": "4854545420",
    "t": "043F444020", "u": "3C4040207C", "v": "1C2040201C", "w": "3C4030403C", "x": "4428102844",
    "y": "1CA0A0A07C", "z": "4464544C44", "ı": "447C40", "0": "3E4141413E", "1": "427F40",
    "2": "4261514946", "3": "2141454B31", "4": "1814127F10", "5": "2745454539", "6": "3C4A494930",
    "7": "0171090503", "8": "3649494936", "9": "064949291E", ":": "3636", "+": "08083E0808",
    "-": "080808", ".": "6060", "'": "0503", "’": "0503", " ": "000000", "ß": "7E01494E30",
}  # fmt: skip
_GLYPHS = {character: bytes.fromhex(columns) for character, columns in _HEX.items()}

# Marks above a small letter, in the two free rows over it; of a glyph five columns wide.
_MARKS = {
    "\u0301": "0000020100", "\u0300": "0001020000", "\u0308": "0001000100", "\u0302": "0002010200",
    "\u0303": "0201020100", "\u030c": "0001020100", "\u030a": "0002010200", "\u0304": "0001010100",
    "\u0306": "0001020100", "\u0307": "0000010000",
}  # fmt: skip
_BELOW = {"\u0327": "0000804000", "\u0328": "0000408000"}
_TALL = set("bdfhklt")


def columns_of(text: str) -> bytes | None:
    """The text as columns of eight dots, a blank one between letters; None where a letter has no large form."""
    columns = b""
    for cluster in _clusters(text):
        glyph = _glyph(cluster)
        if glyph is None:
            return None
        columns += (b"\0" if columns else b"") + glyph
    return columns


def draw(columns: bytes, *, large: bool) -> list[str]:
    """Lines of block characters: four lines, a dot being half a cell; `large`: eight, a dot being two cells."""
    if large:
        return ["".join("██" if column >> row & 1 else "  " for column in columns) for row in range(8)]
    return ["".join(" ▀▄█"[column >> row & 3] for column in columns) for row in range(0, 8, 2)]


def _clusters(text: str) -> list[str]:
    found: list[str] = []
    for character in unicodedata.normalize("NFD", text):
        if found and unicodedata.combining(character):
            found[-1] += character
        else:
            found.append(character)
    return found


def _glyph(cluster: str) -> bytes | None:
    base, marks = cluster[0], cluster[1:]
    if not marks:
        return _GLYPHS.get(base)
    if base in _TALL or base.isupper() or len(marks) > 1:
        return _marked_capital(base, marks)
    glyph = _GLYPHS.get({"i": "ı"}.get(base, base))
    dots = _MARKS.get(marks) or _BELOW.get(marks)
    if glyph is None or dots is None:
        return None
    pattern = bytes.fromhex(dots)
    start = (5 - len(glyph)) // 2
    return bytes(column | pattern[start + i] for i, column in enumerate(glyph))


def _marked_capital(base: str, marks: str) -> bytes | None:
    """Over a capital there is no room: the letter is squeezed by dropping one of its middle rows, twice."""
    glyph = _GLYPHS.get(base)
    dots = _MARKS.get(marks)
    if glyph is None or dots is None:
        return None

    def squeeze(column: int) -> int:
        rows = [column >> row & 1 for row in range(7)]
        kept = [rows[0], rows[1], rows[3], rows[5], rows[6]]
        return sum(bit << row for row, bit in enumerate(kept))

    pattern = bytes.fromhex(dots)
    start = (5 - len(glyph)) // 2
    return bytes((squeeze(column) << 2) | pattern[start + i] for i, column in enumerate(glyph))
