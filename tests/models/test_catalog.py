import pytest

from closeup.errors import ModelError
from closeup.models.catalog import CATALOGUE, ModelEntry, find


def test_names_and_files_are_unique() -> None:
    assert len({entry.name for entry in CATALOGUE}) == len(CATALOGUE)
    assert len({entry.file for entry in CATALOGUE}) == len(CATALOGUE)


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: str(entry.name))
def test_an_entry_says_all_that_is_needed(entry: ModelEntry) -> None:
    assert find(entry.name) is entry
    assert entry.size > 0
    assert entry.licence
    assert len(bytes.fromhex(entry.sha256)) == 32
    assert sum(place is not None for place in (entry.url, entry.package, entry.wheel)) == 1
    assert entry.wheel is None or entry.wheel.member.endswith(f"/{entry.file}")
    assert entry.url is None or entry.url.startswith("https://")
    assert entry.url is None or entry.url.endswith(entry.file)


def test_what_may_not_be_sold() -> None:
    kept = [entry.name for entry in CATALOGUE if not entry.commercial]
    assert kept == [
        "closeup-faces",
        "closeup-rescorer",
        "dlib-68-points",
        "closeup-128",
        "closeup-pupils",
    ]


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ModelError, match=r"'yunett'; choose one of yunet-n, yunet, closeup-faces"):
        find("yunett")


def test_what_an_entry_needs_is_there() -> None:
    for entry in CATALOGUE:
        for name in entry.needs:
            assert find(name).commercial == entry.commercial
