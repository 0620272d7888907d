"""Property tests take no large fixture: Hypothesis prints all arguments of a failing example.

A warning about the size of such a print once hid the failure itself. Large content is read by a
function with ``functools.cache``, or by its short name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
SHORT = {"tmp_path", "tmp_path_factory", "resizing"}
"""Fixtures that print as a short text."""


def fixtures(function: ast.FunctionDef) -> set[str]:
    """Arguments of a property test that neither a strategy nor ``parametrize`` gives."""
    names = [argument.arg for argument in function.args.args]
    calls = [call for call in function.decorator_list if isinstance(call, ast.Call)]
    for call in calls:
        if ast.unparse(call.func) == "given":
            named = {keyword.arg for keyword in call.keywords}
            rest = [name for name in names if name not in named]
            # Strategies without a name belong to the last arguments.
            return set(rest[: len(rest) - len(call.args)]).difference(*map(parametrized, calls))
    return set()


def parametrized(call: ast.Call) -> set[str]:
    """Names that a decorator ``pytest.mark.parametrize`` gives; empty for other decorators."""
    if ast.unparse(call.func) != "pytest.mark.parametrize":
        return set()
    return set(re.findall(r"\w+", ast.unparse(call.args[0])))


def property_tests() -> Iterator[tuple[str, set[str]]]:
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield f"{path.relative_to(TESTS)}::{node.name}", fixtures(node)


def test_no_fixture_of_a_property_test_is_large() -> None:
    large = {test: own - SHORT for test, own in property_tests() if own - SHORT}
    assert large == {}


def test_fixtures_are_told_from_strategies() -> None:
    (function,) = ast.parse(
        "@pytest.mark.parametrize(('d', 'e'), [])\n@settings(max_examples=3)\n"
        "@given(st.integers(), c=st.text())\ndef test(a, d, e, b, c): ...\n"
    ).body
    assert isinstance(function, ast.FunctionDef)
    assert fixtures(function) == {"a"}
