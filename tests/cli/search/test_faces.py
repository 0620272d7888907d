"""``closeup faces`` as a process of its own, with all kinds of pictures."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from closeup.geometry import Size
from closeup.models.catalog import find
from tests.command_line import closeup, full_disk
from tests.heif_files import exif as exif_of, tiled, turned as quarter_turns, write_heif
from tests.pipeline.running import files, pictures
from tests.real_photos import hopper

SAID = "finding faces with yunet-n"
WITHOUT_PRIVILEGE = (
    "-c",
    # Root may read and write everything, until it gives up CAP_DAC_OVERRIDE and
    # CAP_DAC_READ_SEARCH; anybody else has neither.
    "import ctypes, os, sys; drop = ctypes.CDLL(None).prctl; drop(24, 1); drop(24, 2);"
    "os.execv(sys.executable, [sys.executable, '-m', 'closeup', *sys.argv[1:]])",
)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "hopper.jpg"
    Image.fromarray(hopper()).save(path, quality=95)
    return path


def test_the_paths_of_the_results_are_printed(
    photo: Path, shared_models: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ran = closeup("faces", photo, "--out", out, models=shared_models)
    assert ran.returncode == 0
    assert ran.stderr.splitlines() == [SAID, "1 face in 1 picture"]
    names = ["faces.csv", "faces.json", "hopper.jpg"]
    assert ran.stdout.splitlines() == [str(out / name) for name in names]
    assert files(out) == set(names)


def test_json_alone_is_all_that_stdout_gets(
    photo: Path, shared_models: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    options = ("--points", "68", "--detector", "hog", "--score-threshold", "0.5")
    ran = closeup("faces", photo, "--json", "--out", out, *options, models=shared_models)
    found = json.loads(ran.stdout)
    assert found["image"] == str(photo)
    assert found["landmarks"] == "dlib-68"
    (face,) = found["faces"]
    assert list(face) == ["box", "score", "points", "name", "confidence", "distance"]
    assert len(face["points"]) == 68
    assert face["score"] >= 0.5
    assert (out / "faces.json").read_text(encoding="utf-8") == ran.stdout


def test_points_that_must_be_fetched_first(photo: Path, shared_models: Path) -> None:
    ran = closeup("faces", photo, "--json", "--points", "468", models=shared_models)
    assert ran.returncode == 2
    assert "closeup models fetch mediapipe-468" in ran.stderr


def test_a_video_without_a_folder(small_stage: Path, shared_models: Path) -> None:
    ran = closeup("faces", small_stage, "--json", "--every", "12", models=shared_models)
    found = json.loads(ran.stdout)
    assert [(p["frame"], p["seconds"], len(p["faces"])) for p in found[:2]] == [
        (0, 0.0, 2),
        (12, 1.0, 2),
    ]
    assert ran.stderr.splitlines()[0] == SAID


def test_a_video_is_drawn(small_stage: Path, shared_models: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = closeup("faces", small_stage, "--out", out, models=shared_models)
    assert ran.stdout.splitlines()[-1] == str(out / "stage.mp4")
    assert len(pictures(out / "stage.mp4")) == len(pictures(small_stage))


def unusual(folder: Path) -> None:
    """The same face in every way that files have; all shown as the photo is."""
    image = Image.fromarray(hopper())
    black = Image.new("RGB", image.size)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = image.transpose(Image.Transpose.ROTATE_90)
    grey = image.convert("L")
    opaque = Image.new("L", image.size, 255)
    image.convert("CMYK").save(folder / "cmyk.jpg", quality=95)
    turned.save(folder / "exif.jpg", quality=95, exif=exif)
    Image.fromarray(np.asarray(grey, np.uint16) * 257).save(folder / "deep.png")
    Image.merge("LA", (grey, opaque)).save(folder / "la.png")
    image.quantize(256).save(folder / "palette.png", transparency=255)
    for suffix in ("gif", "png", "webp"):
        path = folder / f"moving.{suffix}"
        image.save(path, save_all=True, append_images=[black] * 2, duration=100)
    grey.save(folder / "grey.tif")
    deep = np.asarray(image, np.uint16) * 257
    tifffile.imwrite(folder / "deep.tif", deep, photometric="rgb")
    tifffile.imwrite(folder / "float.tif", deep.astype(np.float32) / 65535, photometric="rgb")
    tifffile.imwrite(folder / "inverted.tiff", ~deep[..., 1], photometric="miniswhite")
    write_heif(
        folder / "IMG_1.HEIC", [*tiled(np.asarray(turned), 128, quarter_turns(3)), exif_of(6)]
    )
    image.save(folder / "phone.avif", quality=95)
    shutil.copy(folder / "exif.jpg", folder / "browser.jfif")
    shutil.copy(folder / "cmyk.jpg", folder / "same.jpg")
    image.save(folder / "same.png")


def broken(folder: Path) -> None:
    (folder / "cut.jpg").write_bytes((folder / "cmyk.jpg").read_bytes()[:9000])
    (folder / "empty.png").touch()
    (folder / "text.jpg").write_text("hello")
    Image.new("1", (50_000, 2001)).save(folder / "huge.png")


def test_pictures_of_every_kind(shared_models: Path, tmp_path: Path) -> None:
    folder, out = tmp_path / "kinds", tmp_path / "out"
    folder.mkdir()
    unusual(folder)
    Image.new("RGB", (1, 1)).save(folder / "pixel.bmp")
    good = {path.name for path in folder.iterdir()}
    broken(folder)
    (folder / "notes.txt").write_text("not a picture")
    (folder / ".hidden.jpg").touch()
    ran = closeup("faces", folder, "--out", out, "--json", models=shared_models)
    assert ran.returncode == 0
    found = {Path(p["image"]).name: p["faces"] for p in json.loads(ran.stdout)}
    assert set(found) == good
    assert found.pop("pixel.bmp") == []
    boxes = np.array([faces[0]["box"] for faces in found.values()])
    assert [len(faces) for faces in found.values()] == [1] * len(found)
    assert np.abs(boxes - np.median(boxes, axis=0)).max() < 12
    reasons = {
        "cut.jpg": "is damaged",
        "empty.png": "is not a picture",
        "text.jpg": "is not a picture",
        "huge.png": "has more than 100 Mpixel",
    }
    said = ran.stderr.splitlines()
    for name, reason in reasons.items():
        (line,) = [line for line in said if name in line]
        assert reason in line
        assert line.endswith("it is left out")
    assert (
        "5 files passed over: 2 without a picture, 1 damaged, 1 too large, "
        "1 with other suffixes (.txt)"
    ) in said
    assert len(said) == 3 + len(reasons)
    assert len([name for name in files(out) if name.endswith(".jpg")]) == len(good)


def test_the_largest_picture_that_is_read(shared_models: Path, tmp_path: Path) -> None:
    size = Size(50_000, 2000)
    image = Image.new("RGB", size, (90, 90, 90))
    image.paste(Image.fromarray(hopper()).resize((1700, 2000)), (48_000, 0))
    image.save(tmp_path / "wide.jpg")
    options = ("--detector", "mmod", "--json", "--out", tmp_path / "out")
    ran = closeup("faces", tmp_path / "wide.jpg", *options, models=shared_models)
    (face,) = json.loads(ran.stdout)["faces"]
    assert face["box"][:2] == pytest.approx([48_600, 440], abs=100)
    eighth = cv2.imread(str(tmp_path / "out" / "wide.jpg"), cv2.IMREAD_REDUCED_GRAYSCALE_8)
    assert eighth is not None
    assert eighth.shape == (size.height // 8, size.width // 8)


def refusal(*arguments: str | Path, models: Path | None, how: tuple[str, str] | None = None) -> str:
    """The one line that a run ends with that cannot do its work; stdout stays empty."""
    ran = closeup("faces", *arguments, models=models, how=how)
    assert ran.returncode == 2, ran.stderr
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr
    line = ran.stderr.splitlines()[-1]
    assert line.startswith("closeup: ")
    return line


def test_what_cannot_be_searched(photo: Path, shared_models: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.jpg").touch()
    missing = refusal(tmp_path / "none.jpg", "--out", out, models=shared_models)
    assert "none.jpg: no such file or folder; check the name" in missing
    nothing = refusal(tmp_path / "folder", "--out", out, models=shared_models)
    assert "no picture in it or below it" in nothing
    empty = refusal(tmp_path / "empty.jpg", "--json", "--out", out, models=shared_models)
    assert "empty.jpg is not a picture" in empty
    assert "--out" in refusal(photo, models=shared_models)
    assert not out.exists()


def test_detectors_that_are_not_there(photo: Path, tmp_path: Path) -> None:
    unknown = refusal(photo, "--json", "--detector", "eye", models=None)
    assert "there is no face detector 'eye'; choose one of auto, yunet-n" in unknown
    damaged = tmp_path / "models"
    damaged.mkdir()
    (damaged / find("yunet").file).write_bytes(b"rubbish")
    assert "is not the model yunet" in refusal(
        photo, "--json", "--detector", "yunet", models=damaged
    )
    options = ("--json", "--points", "68", "--detector", "hog", "--commercial")
    assert "not free for commercial use" in refusal(photo, *options, models=None)


def test_a_detector_whose_file_is_missing(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOSEUP_CACHE", str(tmp_path / "cache"))
    missing = refusal(photo, "--json", "--detector", "yunet-n", models=None)
    assert "closeup models fetch yunet-n" in missing


@pytest.mark.serial
def test_results_that_cannot_be_written(photo: Path, shared_models: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    line = refusal(photo, "--out", tmp_path / "taken", models=shared_models)
    assert "cannot write to" in line
    out = tmp_path / "out"
    line = refusal(photo, "--out", out, models=shared_models, how=full_disk(5000))
    assert "cannot write" in line
    assert not out.exists()


def test_a_folder_that_must_not_be_read(photo: Path, shared_models: Path, tmp_path: Path) -> None:
    private = tmp_path / "album" / "private"
    private.mkdir(parents=True)
    shutil.copy(photo, private.parent)
    private.chmod(0)
    line = refusal(private.parent, "--json", models=shared_models, how=WITHOUT_PRIVILEGE)
    private.chmod(0o700)
    assert f"{private} cannot be searched: Permission denied" in line


def test_a_folder_that_must_not_be_written(
    photo: Path, shared_models: Path, tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    line = refusal(photo, "--out", closed, models=shared_models, how=WITHOUT_PRIVILEGE)
    assert f"cannot write to {closed}: Permission denied; choose another folder" in line


def test_the_former_name_of_the_score_threshold_still_counts(
    photo: Path, shared_models: Path
) -> None:
    ran = closeup("faces", photo, "--json", "--min-score", "0.999", models=shared_models)
    assert json.loads(ran.stdout)["faces"] == []


def test_pictures_are_rotated_before_the_search(shared_models: Path, tmp_path: Path) -> None:
    Image.fromarray(hopper()).save(tmp_path / "upright.png")
    Image.fromarray(np.rot90(hopper())).save(tmp_path / "turned.png")
    expected = closeup("faces", tmp_path / "upright.png", "--json", models=shared_models)
    rotated = closeup(
        "faces", tmp_path / "turned.png", "--json", "--rotate", "90", models=shared_models
    )
    assert json.loads(rotated.stdout)["faces"] == json.loads(expected.stdout)["faces"]


@pytest.mark.parametrize(
    "command",
    [
        ("faces", "{}", "--json"),
        ("pupils", "{}", "--json"),
        ("identify", "{}", "--members", "{}"),
        ("cluster", "{}", "--out", "{}/out"),
        ("align", "{}", "--template", "crop"),
        ("verify", "{}", "{}"),
        ("enrol", "{}", "--out", "{}.npz"),
        ("fancam", "{}", "--members", "{}", "--out", "{}/out"),
        ("dataset", "eyes", "{}", "--out", "{}/out"),
        ("dataset", "members", "{}", "--members", "{}", "--out", "{}/out"),
        ("evaluate", "pupils", "--video", "{}"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_every_command_that_reads_pictures_takes_a_rotation(
    command: tuple[str, ...], photo: Path
) -> None:
    ran = closeup(*(word.format(photo) for word in command), "--rotate", "60")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "'60' is no quarter turn; give 90, 180 or 270" in " ".join(ran.stderr.split())
