"""Elements of XML files: read with their lines, written again, and kept as plain values.

Only expat is used, which opens no other file. A DOCTYPE is refused, as entities that a document
declares can expand to gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from closeup.errors import InputError
from closeup.files.text import read_number
from closeup.formats.xml_text import attribute, content

_DEEPEST = 40
"""Elements within each other; formats of labels have at most ten."""
_PIECE = 1 << 16
"""Characters that are parsed before finished elements are handed on."""
_TEXT = "#text"


@dataclass(slots=True)
class XmlElement:
    """An element of a file.

    Attributes:
        name: Its tag.
        attributes: Its attributes.
        place: File and line, for messages.
        text: Its text and that of its comments' neighbours, without what is in its children.
        children: Its children.

    """

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    place: str = ""
    text: str = ""
    children: list[XmlElement] = field(default_factory=list)

    def attribute(self, name: str) -> str:
        """An attribute that must be there.

        Raises:
            InputError: it is not.

        """
        if name not in self.attributes:
            raise InputError(f"{self.place}: <{self.name}> without {name}; add it")
        return self.attributes[name]

    def number(self, name: str) -> float:
        """An attribute that must be there and a finite number.

        Raises:
            InputError: it is missing or another text.

        """
        return read_number(self.attribute(name), f"{self.place}, {name} of <{self.name}>")

    def child(self, name: str) -> XmlElement | None:
        """The first child of this name; None without one."""
        return next((one for one in self.children if one.name == name), None)

    def content(self) -> str:
        """The text, without line breaks and what surrounds them."""
        return self.text.strip() if "\n" in self.text else self.text


class XmlDocument:
    """A document that is read child by child of its root, so that a large one is not held whole.

    Args:
        text: The document.
        root: Name that its root must have.
        place: The file, for messages.
        title: Name of the format, for messages.

    Attributes:
        attributes: Attributes of the root, once the first child was asked for.

    """

    def __init__(self, text: str, root: str, place: str, title: str) -> None:
        self.attributes: dict[str, str] = {}
        self._text, self._root, self._file, self._title = text, root, place, title
        self._open: list[XmlElement] = []
        self._done: list[XmlElement] = []
        # Expat itself reads no encoding with several bytes for a letter but UTF-8 and UTF-16.
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    def children(self) -> Iterator[XmlElement]:
        """The children of the root, each as soon as it is complete; to be called once.

        Raises:
            InputError: the text is not well-formed XML, its root has another name, or it has a
                DOCTYPE or elements nested too deeply. The message names the line.

        """
        for start in range(0, len(self._text), _PIECE):
            self._parse(self._text[start : start + _PIECE], last=False)
            yield from self._taken()
        self._parse("", last=True)
        yield from self._taken()

    def _parse(self, piece: str, *, last: bool) -> None:
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise InputError(
                f"{self._file}, line {error.lineno}: {reason}; it is damaged, or not XML"
            ) from None

    def _taken(self) -> list[XmlElement]:
        done, self._done = self._done, []
        return done

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        place = f"{self._file}, line {self._parser.CurrentLineNumber}"
        if not self._open and name != self._root:
            raise InputError(
                f"{place}: <{name[:40]}> where <{self._root}> should be; it is not {self._title}"
            )
        if len(self._open) >= _DEEPEST:
            raise InputError(f"{place}: its elements are nested too deeply; it is damaged")
        if not self._open:
            self.attributes = attributes
        self._open.append(XmlElement(name, attributes, place))

    def _end(self, _name: str) -> None:
        element = self._open.pop()
        if len(self._open) > 1:
            self._open[-1].children.append(element)
        elif self._open:
            self._done.append(element)

    def _characters(self, text: str) -> None:
        self._open[-1].text += text

    def _refuse_doctype(self, *_: object) -> None:
        raise InputError(
            f"{self._file}, line {self._parser.CurrentLineNumber}: a DOCTYPE, which files of "
            f"{self._title} have not; remove it"
        )


def xml_lines(element: XmlElement, path: Path, depth: int = 0) -> Iterator[str]:
    """The lines of an element and its children.

    Args:
        element: The element.
        path: The file to be written, for messages.
        depth: How far in the lines begin, twice as many spaces.

    Raises:
        OutputError: a text has a character that XML has not.

    """
    given = "".join(f" {name}={attribute(held, path)}" for name, held in element.attributes.items())
    begin, name, text = "  " * depth, element.name, content(element.text, path)
    if element.children:
        yield f"{begin}<{name}{given}>{text}"
        for child in element.children:
            yield from xml_lines(child, path, depth + 1)
        yield f"{begin}</{name}>"
    elif text:
        yield f"{begin}<{name}{given}>{text}</{name}>"
    else:
        yield f"{begin}<{name}{given}/>"


def as_value(element: XmlElement) -> str | dict[str, Any]:
    """What an element holds, as it is kept in ``extra``: its text, if it has nothing else.

    Otherwise a mapping: ``@name`` for an attribute, the child's name for a child, with a list for
    several of one name, and ``#text``.
    """
    found: dict[str, Any] = {f"@{name}": value for name, value in element.attributes.items()}
    for child in element.children:
        add_value(found, child)
    if not found:
        return element.content()
    if element.text.strip():
        found[_TEXT] = element.text.strip()
    return found


def add_value(values: dict[str, Any], element: XmlElement) -> None:
    """Put what an element holds under its name, beside others of that name in a list."""
    value = as_value(element)
    if element.name not in values:
        values[element.name] = value
    elif isinstance(values[element.name], list):
        values[element.name].append(value)
    else:
        values[element.name] = [values[element.name], value]


def elements_of(values: Mapping[str, Any]) -> list[XmlElement]:
    """The elements that :func:`add_value` was given, without places."""
    return [
        element_of(name, value)
        for name, held in values.items()
        for value in (held if isinstance(held, list) else [held])
    ]


def element_of(name: str, value: Any) -> XmlElement:
    """The element of which :func:`as_value` made a value, without a place."""
    if not isinstance(value, Mapping):
        return XmlElement(name, text=str(value))
    attributes = {key[1:]: str(held) for key, held in value.items() if key[:1] == "@"}
    children = {key: held for key, held in value.items() if key[:1] not in "@#"}
    return XmlElement(name, attributes, "", str(value.get(_TEXT, "")), elements_of(children))


def number_text(value: float) -> str:
    """A number of a file: to 1e-9, without an exponent, whole numbers without a point."""
    return f"{round(value, 9) + 0.0:.9f}".rstrip("0").rstrip(".")
