"""Sheets of crops, and the summary page."""

from __future__ import annotations

import re
from base64 import b64decode
from pathlib import Path

import cv2
import numpy as np

from closeup.datasets.eyes.eye_page import eye_page, label_density
from closeup.datasets.eyes.eye_sheet import draw_sheet
from closeup.datasets.eyes.eye_store import EyeStore
from closeup.datasets.eyes.eye_table import EyeRow
from closeup.drawing.marks import PLAIN
from closeup.geometry import Size
from tests.datasets.eyes.drawn_eyes import SIZE, draw_eyes, scattered


def test_a_cross_is_where_its_label_is() -> None:
    crops = np.zeros((5, 48, 64, 3), np.uint8)
    labels = np.array([(20.5 / 64, 10.5 / 48), (0.5, 0.5), (0.5, 0.5), (0.5, 0.5), (0.25, 0.75)])
    sheet = draw_sheet(crops, labels, 3)
    assert sheet.shape == (96, 192, 3)
    assert sheet[10, 20].tolist() == list(PLAIN)
    assert sheet[48 + 24, 30:34].max() > 150  # the fourth crop lies below the first
    assert (sheet[48:, 128:] == 255).all()
    twice = draw_sheet(crops[:1], labels[:1], 3, scale=2)
    assert twice.shape == (96, 128, 3)
    bright = np.argwhere(twice[..., 1] > 60)
    assert np.abs(bright.mean(axis=0) - (20.5, 40.5)).max() < 0.3


def test_several_crosses_in_a_crop() -> None:
    crops = np.zeros((2, 48, 64, 3), np.uint8)
    labels = np.full((2, 3, 2), np.nan)
    labels[0, 1], labels[0, 2] = (20.5 / 64, 10.5 / 48), (40.5 / 64, 30.5 / 48)
    sheet = draw_sheet(crops, labels, 2)
    assert sheet[10, 20].tolist() == sheet[30, 40].tolist() == list(PLAIN)
    assert not sheet[:, 64:].any()


def test_density() -> None:
    labels = np.array([(0.01, 0.01)] * 50 + [(0.99, 0.99)] * 3)
    density = label_density(labels, 64, 48)
    assert density.shape == (48, 64, 3)
    light = density.astype(int).sum(axis=2)
    assert light[0, 0] > light[-1, -1] > light[0, -1] == light[-1, 0]


def test_the_page_needs_nothing_but_itself(tmp_path: Path) -> None:
    labels = scattered(20)
    rows = [
        EyeRow(f"{number}.jpg", side="left", x=x, y=y, openness=x, confidence=y)
        for number, (x, y) in enumerate(labels.tolist())
    ]
    store = EyeStore.begun(tmp_path, {"size": list(SIZE)})
    kept = store.write_part(0, rows, list(draw_eyes(labels)))
    figures = {"pictures": 30, "faces": 25, "labels": 20, "left_out": {"<closed>": 4321}}
    page = eye_page(store, kept, figures)
    assert "<td>left out: &lt;closed&gt;</td><td>4,321</td>" in page
    assert "Least open" in page
    assert not re.findall(r'(?:src|href)="(?!data:)', page)
    pictures = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    sizes = [
        cv2.imdecode(np.frombuffer(b64decode(text), np.uint8), cv2.IMREAD_COLOR).shape  # type: ignore[union-attr]
        for text in pictures
    ]
    assert sizes == [(384, 512, 3)] * 2 + [(192, 1536, 3)] + [(96, 1536, 3)] * 6


def test_large_crops_are_not_enlarged_as_much(tmp_path: Path) -> None:
    labels = scattered(20)
    store = EyeStore.begun(tmp_path, {"size": [144, 108]})
    rows = [EyeRow(f"{i}.jpg", side="left", x=x, y=y) for i, (x, y) in enumerate(labels.tolist())]
    kept = store.write_part(0, rows, list(draw_eyes(labels, Size(144, 108))))
    page = eye_page(store, kept, {"pictures": 20, "faces": 20, "labels": 20, "left_out": {}})
    pictures = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    widths = [
        cv2.imdecode(np.frombuffer(b64decode(text), np.uint8), cv2.IMREAD_COLOR).shape[1]  # type: ignore[union-attr]
        for text in pictures
    ]
    assert widths[:3] == [4 * 144, 4 * 144, 12 * 144]
