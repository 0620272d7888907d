"""Mistakes in the folders of members: how many are told, and how many false alarms there are.

Members are people of LFW's second development set, whom no calibration has seen. The limits of
``closeup.identity.member_checks`` were chosen on every second of them; these figures are of the
others, by the enrolment of ``closeup enrol`` itself:

- *one person under two names*: 60 people, each enrolled twice with one photo each; "false" are
  pairs of different people who are told. ``verify`` shows how many of the 60 could be told at all.
- *different people*: 250 people with one photo each, and seven people with up to five.
- *a photo of somebody else*: among the other photos of a member.
- *photos of several people*: a row of faces that shows the member or does not, beside one or three
  photos of the member alone. The rows of look-alikes are the group photos of ``named_faces``.
- *250 members*: what the command line takes, and its exit code, where five of the members have no
  usable photo.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from benchmarks.few_shot import held_out_people
from benchmarks.recording import ROOT, save, settings, shared_data, show
from closeup.identity.enrolment import enrol_photos
from closeup.identity.gallery import Gallery
from closeup.identity.verification import verify
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent

PAIRS, DRAWS = 60, 3
SIZES, MOST_FOLDERS = (3, 5, 8), 60
ROW, ROWS = 3, 60
MEMBERS, UNUSABLE = 250, 5


def main() -> None:
    """Measure, print the tables and write the JSON."""
    with TemporaryDirectory() as folder:
        study = Study(Path(folder))
        twice = [study.under_two_names(draw) for draw in range(DRAWS)]
        others = [study.different_people(250, 1, 1), study.different_people(7, 5, 20)]
        odd = [study.somebody_else(size) for size in SIZES]
        rows = [study.rows(known, there=there) for known in (1, 3) for there in (True, False)]
        men = [study.look_alikes(known) for known in (1, 3)]
        times = list(study.commands())
    result = {"twice": twice, "different": others, "odd": odd, "rows": [*rows, *men]}
    save("member_photos", {**result, "commands": times})
    show(f"{PAIRS} people under two names, one photo each", twice)
    show("Different people", others)
    show("One photo of somebody else", odd)
    show("Photos of several people, in percent", [*rows, *men])
    show(f"{MEMBERS} members, {UNUSABLE} of them without a usable photo", times)


class Study:
    """The photos of every second held-out person, and the parts that enrol them."""

    def __init__(self, folder: Path) -> None:
        here = settings()
        self.folder = folder
        self.detector = open_detector("yunet-n", settings=here, progress=Silent(), threads=1)
        self.embedder = open_embedder(settings=here, threads=1)
        images = shared_data() / "lfw" / "images"
        self.photos = {
            name: sorted((images / name).glob("*.jpg")) for name in sorted(held_out_people())[1::2]
        }

    def several(self, count: int) -> list[str]:
        """Return the people with at least ``count`` photos."""
        return [name for name, own in self.photos.items() if len(own) >= count]

    def some(self, name: str, count: int, random: np.random.Generator) -> list[Path]:
        """Return random photos of a person."""
        own = self.photos[name]
        return [own[place] for place in random.permutation(len(own))[:count]]

    def gallery(self, members: dict[str, list[Path]]) -> Gallery:
        """Enrol photos."""
        return Gallery.enrol(members, self.detector, self.embedder, Silent())

    def under_two_names(self, seed: int) -> dict[str, object]:
        """Return one row: pairs that are told, and false ones."""
        random = np.random.default_rng(seed)
        members: dict[str, list[Path]] = {}
        for name in random.choice(self.several(2), PAIRS, replace=False).tolist():
            for number, photo in enumerate(self.some(name, 2, random)):
                members[f"{name} {number}"] = [photo]
        gallery = self.gallery(members)
        told = gallery.same_people()
        right = sum(a.split()[0] == b.split()[0] for a, b in told)
        vectors = dict(zip(gallery.names, gallery.vectors, strict=True))
        passed = [
            verify(vectors[f"{name} 0"], vectors[f"{name} 1"], gallery.calibration).same
            for name in {name.split()[0] for name in gallery.names}
            if {f"{name} 0", f"{name} 1"} <= vectors.keys()
        ]
        return {
            "draw": seed,
            "names": len(gallery.names),
            "pairs": len(passed),
            "pass verify": sum(passed),
            "told": right,
            "false": len(told) - right,
        }

    def different_people(self, members: int, photos: int, draws: int) -> dict[str, object]:
        """Return one row: galleries of different people, and pairs of them that are told."""
        told = []
        for seed in range(draws):
            random = np.random.default_rng(seed)
            names = random.choice(self.several(min(photos, 2)), members, replace=False).tolist()
            told.append(
                self.gallery(
                    {name: self.some(name, photos, random) for name in names}
                ).same_people()
            )
        return {
            "members": members,
            "photos, at most": photos,
            "galleries": draws,
            "false pairs in a gallery": round(float(np.mean([len(pairs) for pairs in told])), 2),
        }

    def somebody_else(self, size: int) -> dict[str, object]:
        """Return one row: how often the photo of somebody else among ``size`` is told."""
        random = np.random.default_rng(size)
        mixed: dict[str, list[Path]] = {}
        clean: dict[str, list[Path]] = {}
        wrong: dict[str, Path] = {}
        for name in self.several(size)[:MOST_FOLDERS]:
            clean[name] = self.some(name, size, random)
            other = str(random.choice([n for n in self.photos if n != name]))
            (wrong[name],) = self.some(other, 1, random)
            mixed[name] = [*clean[name][1:], wrong[name]]
        gallery = self.gallery(mixed)
        rejected = {rejection.photo for rejection in gallery.rejections}
        whole = [name for name, photos in mixed.items() if not rejected & set(photos)]
        odd = [(photo.member, photo.photo) for photo in gallery.odd if photo.member in whole]
        return {
            "photos": size,
            "members": len(clean),
            "with all photos usable": len(whole),
            "told": sum(photo == wrong[name] for name, photo in odd),
            "another photo told": sum(photo != wrong[name] for name, photo in odd),
            "told of members without such a photo": len(
                {photo.member for photo in self.gallery(clean).odd}
            ),
        }

    def rows(self, known: int, *, there: bool) -> dict[str, object]:
        """Return one row: whose face is taken from a picture of three people."""
        random = np.random.default_rng(known)
        members: dict[str, list[Path]] = {}
        faces: dict[str, list[Path]] = {}
        for name in self.several(known + 1)[:ROWS]:
            own = self.some(name, known + 1, random)
            others = random.choice([n for n in self.photos if n != name], ROW, replace=False)
            shown = [self.photos[str(other)][0] for other in others]
            faces[name] = [own[0], *shown[1:]] if there else shown
            faces[name] = [faces[name][place] for place in random.permutation(ROW)]
            picture = self.folder / f"{name}.png"
            Image.fromarray(np.hstack([np.array(Image.open(p)) for p in faces[name]])).save(picture)
            members[name] = [*own[1:], picture]
        made = enrol_photos(members, self.detector, self.embedder, Silent())
        alone = enrol_photos(
            {str(p): [p] for shown in faces.values() for p in shown},
            *(self.detector, self.embedder, Silent()),
        )
        # Only where each of the photos shows one face is it known whose face was taken.
        judged = [name for name in members if all(str(p) in alone.photos for p in faces[name])]
        right = wrong = 0
        for name in judged:
            if made.photos.get(name, [None])[-1] != members[name][-1]:
                continue
            taken = made.vectors[name][-1]
            near = {p: np.linalg.norm(alone.vectors[str(p)][0] - taken) for p in faces[name]}
            owner = min(near, key=near.__getitem__).parent.name
            right, wrong = right + (owner == name), wrong + (owner != name)
        return self._shares("LFW", known, len(judged), right, wrong, there=there)

    def look_alikes(self, known: int) -> dict[str, object]:
        """Return one row: the face of a man on group photos of seven look-alikes."""
        from benchmarks.confidence import AS_IS, look_alikes, of_half

        faces = [face for face in of_half(look_alikes()[0], 1) if face.kind == AS_IS]
        folder = shared_data() / "named_faces"
        members = {
            f"{man.name}/{photo}": [*sorted(man.iterdir())[:known], folder / "photos" / photo]
            for man in sorted((folder / "members").iterdir())
            for photo in sorted({face.photo for face in faces if face.person == man.name})
            if sum(face.photo == photo for face in faces) > 1
        }
        made = enrol_photos(members, self.detector, self.embedder, Silent())
        right = wrong = 0
        for name, own in made.photos.items():
            man, photo = name.split("/")
            if own[-1] != folder / "photos" / photo:
                continue
            there = [face for face in faces if face.photo == photo]
            vectors = np.array([face.vector / np.linalg.norm(face.vector) for face in there])
            nearest = np.linalg.norm(vectors - made.vectors[name][-1], axis=1).argmin()
            right += there[int(nearest)].person == man
            wrong += there[int(nearest)].person != man
        return self._shares("look-alikes", known, len(members), right, wrong, there=True)

    @staticmethod
    def _shares(
        people: str, known: int, count: int, right: int, wrong: int, *, there: bool
    ) -> dict[str, object]:
        return {
            "people": people,
            "member in it": "yes" if there else "no",
            "other photos": known,
            "photos": count,
            "used, right face": round(100 * right / count, 1),
            "used, wrong face": round(100 * wrong / count, 1),
        }

    def commands(self) -> Iterator[dict[str, object]]:
        """Yield one row a command: its exit code, seconds, and last line on stderr."""
        members = self.folder / "members"
        for number, name in enumerate(self.several(1)[:MEMBERS]):
            (members / name).mkdir(parents=True)
            for photo in self.photos[name][:5]:
                if number >= UNUSABLE:
                    (members / name / photo.name).symlink_to(photo.resolve())
            if 0 < number < UNUSABLE:
                Image.new("RGB", (90, 90)).save(members / name / "dark.png")
        photo = self.photos[self.several(1)[MEMBERS]][0]
        file = self.folder / "members.npz"
        for command in (
            ["enrol", members, "--out", file],
            ["enrol", members, "--out", file, "--strict"],
            ["identify", photo, "--members", members],
            ["identify", photo, "--members", file],
        ):
            start = time.perf_counter()
            ran = subprocess.run(
                [sys.executable, "-m", "closeup", *map(str, command)],
                cwd=ROOT,
                env={**os.environ, "CLOSEUP_MODELS": str(settings().models)},
                capture_output=True,
                text=True,
                check=False,
            )
            counted = [line for line in ran.stderr.splitlines() if "members" in line]
            yield {
                "command": f"{command[0]} {'--strict' if '--strict' in command else ''}".strip(),
                "members": "gallery"
                if command[-1] == file and "--members" in command
                else "folder",
                "seconds": round(time.perf_counter() - start, 1),
                "exit code": ran.returncode,
                "said": (counted or [""])[-1][:60],
            }


if __name__ == "__main__":
    main()
