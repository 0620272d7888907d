import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup import make_fancams
from closeup.errors import InputError, MembersError, OutputError
from closeup.fancam.options import FancamOptions
from closeup.pipeline.people.cluster import cluster_people
from closeup.pipeline.people.clusters import People
from closeup.pipeline.people.naming import MOST_PHOTOS, Naming, name_people
from closeup.settings import Settings
from tests.kept_models import kept
from tests.pipeline.running import Listener, files


@pytest.fixture(scope="module")
def models(shared_models: Path) -> Settings:
    return Settings(shared_models, shared_models / "no cache")


@pytest.fixture(scope="module")
def made(
    small_stage: Path, models: Settings, tmp_path_factory: pytest.TempPathFactory
) -> tuple[People, Path]:
    """Two groups of more faces than a member gets photos."""
    out = tmp_path_factory.mktemp("who")
    return cluster_people(small_stage, out, every=2, models=kept(models)), out


@pytest.fixture
def who(made: tuple[People, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made[1], tmp_path / "who"))


@pytest.mark.parametrize(
    ("text", "naming"),
    [
        ("3=Jisoo", Naming(3, "Jisoo")),
        ("person-003=Jisoo", Naming(3, "Jisoo")),
        (" 12 = 김지수 ", Naming(12, "김지수")),
        ("1=Rose\u0301", Naming(1, "Ros\u00e9")),
        ("1=a=b", Naming(1, "a=b")),
        ("1=Lin-Manuel M. 'L'", Naming(1, "Lin-Manuel M. 'L'")),
    ],
)
def test_a_naming_is_a_number_and_any_name(text: str, naming: Naming) -> None:
    assert Naming.parse(text) == naming


@pytest.mark.parametrize("text", ["", "Jisoo", "=Jisoo", "x=Jisoo", "-1=a", "1.5=a", "person=a"])
def test_what_names_no_group(text: str) -> None:
    with pytest.raises(ValueError, match="write NUMBER=NAME, as in 3=Jisoo"):
        Naming.parse(text)


@pytest.mark.parametrize(
    "name", ["", " ", ".", "..", ".hidden", "a/b", "../a", "a\\b", "a\0b", "a\nb", "a:b", "n" * 300]
)
def test_what_is_no_folders_name(name: str) -> None:
    with pytest.raises(ValueError, match="name") as raised:
        Naming.parse(f"1={name}")
    assert "\n" not in str(raised.value)


def test_members_can_be_used_at_once(
    who: Path, made: tuple[People, Path], small_stage: Path, models: Settings, tmp_path: Path
) -> None:
    members = tmp_path / "new" / "members"
    photos = name_people(
        who, members, [Naming(1, "에일린"), Naming(2, "Grace")], models=kept(models)
    )
    assert {name: len(paths) for name, paths in photos.items()} == {
        "에일린": MOST_PHOTOS, "Grace": MOST_PHOTOS,
    }  # fmt: skip
    names = {f"{name}/{path.name}" for name, paths in photos.items() for path in paths}
    assert files(members) == {"에일린", "Grace", *names}
    people, out = made
    for person, name in zip(people.groups, photos, strict=True):
        crops = {(out / file).read_bytes() for file in person.files}
        assert {path.read_bytes() for path in photos[name]} <= crops
    fancams = make_fancams(
        small_stage, members, tmp_path / "out", FancamOptions(video=False), models=kept(models)
    )
    spent = {member["name"]: member["seconds"] for member in fancams.report["members"]}
    assert all(seconds["seen"] + seconds["tracked"] > 1.5 for seconds in spent.values())
    assert all(not member["photos_rejected"] for member in fancams.report["members"])


def test_photos_that_are_there_stay(who: Path, models: Settings, tmp_path: Path) -> None:
    members = tmp_path / "members"
    first = name_people(who, members, [Naming(1, "A")], models=kept(models))["A"]
    assert name_people(who, members, [Naming(1, "A")], models=kept(models))["A"] == first
    assert len(files(members / "A")) == len(first)
    first[0].write_bytes(b"mine")
    again = name_people(who, members, [Naming(1, "A")], models=kept(models))["A"]
    assert first[0].read_bytes() == b"mine"
    assert again[0].name == f"{first[0].stem} 2.jpg"
    assert len(files(members / "A")) == len(first) + 1


def test_two_groups_may_be_one_member(who: Path, models: Settings, tmp_path: Path) -> None:
    both = [Naming(1, "A"), Naming(2, "A"), Naming(1, "A")]
    photos = name_people(who, tmp_path / "members", both, models=kept(models))["A"]
    assert len(set(photos)) == 2 * MOST_PHOTOS


def test_crops_that_were_deleted_do_not_count(
    who: Path, made: tuple[People, Path], models: Settings, tmp_path: Path
) -> None:
    first, *others = made[0].person(1).files
    for file in others:
        (who / file).unlink()
    photos = name_people(who, tmp_path / "members", [Naming(1, "A")], models=kept(models))
    assert [path.name for path in photos["A"]] == [Path(first).name]
    (who / first).unlink()
    with pytest.raises(InputError, match="person-001: its pictures are gone"):
        name_people(who, tmp_path / "members", [Naming(1, "A")], models=kept(models))


def test_crops_that_cannot_be_enrolled_are_named(
    who: Path, made: tuple[People, Path], models: Settings, tmp_path: Path
) -> None:
    first, second, *others = made[0].person(2).files
    for file in others:
        (who / file).unlink()
    Image.fromarray(np.zeros((80, 80, 3), np.uint8)).save(who / first)
    listener = Listener()
    photos = name_people(
        who, tmp_path / "members", [Naming(2, "B")], models=kept(models), progress=listener
    )
    assert [path.name for path in photos["B"]] == [Path(second).name]
    assert any(f"{first}: no face found" in line for line in listener.lines)
    (who / second).write_bytes(b"rubbish")
    with pytest.raises(MembersError, match="person-002: no photo can be used"):
        name_people(who, tmp_path / "more", [Naming(2, "B")], models=kept(models))
    assert not (tmp_path / "more").exists()


def test_nothing_is_copied_where_one_naming_is_wrong(
    who: Path, models: Settings, tmp_path: Path
) -> None:
    members = tmp_path / "members"
    with pytest.raises(InputError, match="no group 3; there are 1 to 2"):
        name_people(who, members, [Naming(1, "A"), Naming(3, "B")], models=kept(models))
    with pytest.raises(InputError, match="group 1 is named A and B; it is one person"):
        name_people(who, members, [Naming(1, "A"), Naming(1, "B")], models=kept(models))
    with pytest.raises(InputError, match=r"no clusters\.json in it"):
        name_people(tmp_path, members, [Naming(1, "A")], models=kept(models))
    assert not members.exists()
    members.write_text("a file")
    with pytest.raises(OutputError, match="is no folder; name one for --members"):
        name_people(who, members, [Naming(1, "A")], models=kept(models))


@pytest.mark.parametrize("gone", [True, False])
def test_a_group_without_a_usable_crop_does_not_end_the_others(
    who: Path, made: tuple[People, Path], models: Settings, tmp_path: Path, gone: bool
) -> None:
    for file in made[0].person(2).files:
        (who / file).unlink() if gone else (who / file).write_bytes(b"rubbish")
    listener = Listener()
    both = [Naming(1, "A"), Naming(2, "B")]
    photos = name_people(who, tmp_path / "m", both, models=kept(models), progress=listener)
    assert {name: len(paths) for name, paths in photos.items()} == {"A": MOST_PHOTOS}
    assert files(tmp_path / "m") == {"A", *(f"A/{path.name}" for path in photos["A"])}
    line = next(line for line in listener.lines if "person-002: " in line)
    assert line.endswith("is left out")
    assert listener.stages.count("enrolling photos") == 1
    with pytest.raises(InputError, match="person-002: "):
        name_people(who, tmp_path / "strict", both, models=kept(models), strict=True)
    assert not (tmp_path / "strict").exists()
