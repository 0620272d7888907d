"""Elements of XML files as they are read, kept and written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from closeup.errors import InputError, OutputError
from closeup.formats.xml_elements import (
    XmlDocument,
    as_value,
    element_of,
    number_text,
    xml_lines,
)

NAMES = st.sampled_from(["a", "b", "c"])
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=6
).filter(lambda text: text.strip() == text)
VALUES: st.SearchStrategy[Any] = st.recursive(
    TEXTS,
    lambda inner: st.dictionaries(
        NAMES | NAMES.map("@{}".format),
        inner | st.lists(inner, min_size=2, max_size=3),
        min_size=1,
        max_size=3,
    ).filter(lambda held: all(isinstance(one, str) or key[0] != "@" for key, one in held.items())),
    max_leaves=8,
)


def parsed(text: str) -> list[Any]:
    document = XmlDocument(text, "root", "file.xml", "a test")
    return [as_value(element) for element in document.children()]


@given(value=VALUES)
def test_a_value_comes_back_from_its_element(value: Any) -> None:
    lines = xml_lines(element_of("x", value), Path("file.xml"), 1)
    assert parsed("\n".join(["<root>", *lines, "</root>"])) == [value]


def test_children_come_while_the_file_is_parsed() -> None:
    document = XmlDocument("<root a='1'>" + "<x/>" * 50_000 + "<y", "root", "file.xml", "a test")
    children = document.children()
    assert next(children).name == "x"
    assert document.attributes == {"a": "1"}
    with pytest.raises(InputError, match=r"line 1: .*damaged"):
        list(children)


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE root [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><root>&b;</root>",
        "<!DOCTYPE root SYSTEM 'file:///etc/passwd'><root/>",
    ],
)
def test_entities_are_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"file\.xml, line 1: a DOCTYPE"):
        parsed(text)


def test_the_line_of_an_element_is_known() -> None:
    document = XmlDocument("<root>\n\n<x a='1'>\n</x></root>", "root", "file.xml", "a test")
    (element,) = document.children()
    with pytest.raises(InputError, match=r"file\.xml, line 3: <x> without b; add it"):
        element.attribute("b")
    assert element.number("a") == 1


def test_a_character_that_xml_has_not() -> None:
    with pytest.raises(OutputError, match=r"cannot write file\.xml"):
        list(xml_lines(element_of("x", "a\x01"), Path("file.xml")))


@given(value=st.floats(-1e7, 1e7))
def test_numbers_are_short_and_exact_to_a_billionth(value: float) -> None:
    text = number_text(value)
    assert "e" not in text
    assert text != "-0"
    assert float(text) == pytest.approx(value, abs=1e-8)
    assert number_text(round(value)) == str(round(value))
