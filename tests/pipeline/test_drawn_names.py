from pathlib import PurePosixPath

from hypothesis import given, strategies as st

from closeup.pipeline.search.drawn_faces import drawn_names

JPEG = (".jpg", ".jpeg")


def test_jpegs_keep_their_names_and_others_get_one() -> None:
    names = ["a.jpg", "a.png", "b/a.JPEG", "b/c", "d.tar.gif"]
    assert drawn_names(names, JPEG) == {
        "a.jpg": "a.jpg",
        "a.png": "a.png.jpg",
        "b/a.JPEG": "b/a.JPEG",
        "b/c": "b/c.jpg",
        "d.tar.gif": "d.tar.gif.jpg",
    }


def test_where_two_would_meet_the_one_that_has_the_name_keeps_it() -> None:
    assert drawn_names(["a.png", "a.png.jpg", "A.PNG"], JPEG) == {
        "a.png": "a.png 2.jpg",
        "a.png.jpg": "a.png.jpg",
        "A.PNG": "A.PNG 3.jpg",
    }


def test_long_names_are_cut_between_letters() -> None:
    names = drawn_names(["사" * 84 + "1.png", "사" * 84 + "2.png", "x" * 240 + "\udce9.png"], JPEG)
    assert len(set(names.values())) == 3
    for copy in names.values():
        assert len(copy.encode()) < 220


PARTS = st.text(st.sampled_from("aA. é2"), min_size=1, max_size=4).map(lambda text: f"x{text}")
NAMES = st.builds(
    lambda parts, suffix: "/".join(parts) + suffix,
    st.lists(PARTS, min_size=1, max_size=2),
    st.sampled_from(["", ".jpg", ".JPG", ".jpeg", ".png", ".png.jpg", " 2.jpg"]),
)


@given(st.lists(NAMES, unique=True, max_size=8))
def test_no_two_copies_meet(names: list[str]) -> None:
    drawn = drawn_names(names, JPEG)
    assert len({copy.casefold() for copy in drawn.values()}) == len(names)
    for name in names:
        copy = PurePosixPath(drawn[name])
        assert copy.suffix.lower() in JPEG
        assert copy.parent == PurePosixPath(name).parent
