"""Reads the text of an XML file, in whatever encoding it is declared to be; writes such text.

The rules of reading are those of https://www.w3.org/TR/xml/#sec-guessing: a byte order mark
decides, then the declaration, and UTF-8 is the default. Two common untruths are seen through:
``imglab`` of dlib declares ISO-8859-1 and writes names of files as they are, mostly UTF-8; .NET
declares UTF-16 for texts that are saved as UTF-8.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from closeup.errors import InputError, OutputError
from closeup.files.text import marked, read_bytes, shown

_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"'>]*)[\"']")
_WITHOUT_MARK = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_CARELESS = {"ascii", "iso8859-1", "cp1252"}
"""Encodings that are declared by default; nearly no text in them is valid UTF-8 by chance."""
_NO_TEXT = {"unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined"}
"""Codecs of Python that are no encodings of files."""

_NO_CHARACTER = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that no XML file can have, however they are written."""


def attribute(text: str, path: Path) -> str:
    """A text as the value of an attribute, with its quotes.

    Args:
        text: The text.
        path: The file to be written, for the error message.

    Raises:
        OutputError: the text has a character that XML has not.

    """
    return quoteattr(_writable(text, path))


def content(text: str, path: Path) -> str:
    """A text as the content of an element.

    Raises:
        OutputError: as :func:`attribute`.

    """
    return escape(_writable(text, path), {"\r": "&#13;"})


def _writable(text: str, path: Path) -> str:
    if found := _NO_CHARACTER.search(text):
        raise OutputError(
            f"cannot write {path}: {shown(text)} has the character U+{ord(found[0]):04X}, "
            "which XML has not; rename it"
        )
    return text


def read_xml(path: Path) -> str:
    """Read the text of an XML file; what its declaration says of the encoding is then void.

    Raises:
        InputError: the file cannot be read, or its encoding is unknown or not the declared one.

    """
    return decode_xml(read_bytes(path), str(path))


def decode_xml(content: bytes, place: str) -> str:
    """Decode the content of an XML file as :func:`read_xml` does.

    Args:
        content: The content.
        place: Name of the file, for messages.

    Raises:
        InputError: its encoding is unknown or not the declared one.

    """
    mark, encoding = marked(content)
    encodings = [encoding]
    if found := _WITHOUT_MARK.get(content[:2]):
        encodings = [found]
    elif not mark:
        encodings = _declared(place, content)
    line = 1
    for encoding in encodings:
        try:
            text = content[len(mark) :].decode(encoding)
            text.encode()
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
        except UnicodeEncodeError:  # half of a pair of surrogates
            continue
        else:
            return text
    raise InputError(f"{place}, line {line}: not {encodings[-1]} text; save it as UTF-8")


def _declared(place: str, content: bytes) -> list[str]:
    """The encodings to try, best first."""
    found = _DECLARED.match(content)
    name = found[1].decode("ascii", "replace") if found else "UTF-8"
    try:
        known = codecs.lookup(name).name
        " ".encode(name)  # some codecs of Python are for bytes only
    except (LookupError, ValueError):
        known = "undefined"
    if known in _NO_TEXT:
        raise InputError(f"{place}: its encoding, {shown(name)}, is unknown; save it as UTF-8")
    if known.startswith(("utf-16", "utf-32")):  # not so, as the declaration itself was read
        return ["UTF-8"]
    return ["UTF-8", name] if known in _CARELESS else [name]
