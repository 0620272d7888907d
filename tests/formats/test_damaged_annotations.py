"""Files with any damage: read, or refused in one line, but never a crash."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from closeup.annotations import AnnotatedPicture, Annotation, AnnotationSet, KeyPoint
from closeup.errors import InputError
from closeup.formats.annotation_formats import ANNOTATION_FORMATS
from closeup.geometry import Size
from closeup.progress import Silent
from tests.formats.written_sets import place_of, written

FACE = Annotation("face", (1.25, 2.5, 30.0, 40.0), {"nose": KeyPoint(10.5, 20.25)}, key="7")
GIVEN = AnnotationSet((AnnotatedPicture("images/a.jpg", size=Size(64, 48), annotations=(FACE,)),))
DAMAGE = st.lists(
    st.tuples(
        st.integers(0, 10**6),
        st.integers(0, 8),
        st.sampled_from(["", "<", ">", "&", '"', "nan", "1e999", "-", ",", "[", "}", "null", "\0"]),
    ),
    min_size=1,
    max_size=3,
)
"""Where characters are replaced, how many, and by what."""


@pytest.mark.parametrize("name", ANNOTATION_FORMATS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(damage=DAMAGE)
def test_damage_is_no_crash(
    tmp_path_factory: pytest.TempPathFactory, name: str, damage: list[tuple[int, int, str]]
) -> None:
    form, folder = ANNOTATION_FORMATS[name], tmp_path_factory.mktemp("set")
    path = written(form, GIVEN, folder)
    file: Path = place_of(form, path)
    text = file.read_text(encoding="utf-8")
    for place, length, inserted in damage:
        start = place % (len(text) + 1)
        text = text[:start] + inserted + text[start + length :]
    file.write_text(text, encoding="utf-8")
    said = ""
    try:
        form.read(path, Silent())
    except InputError as error:
        said = str(error)
    assert len(said.splitlines()) <= 1
    assert not said or str(folder) in said
