from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import ResNetConfig, ResNetModel

from closeup.errors import InputError
from closeup.geometry import Size
from closeup.progress import Silent
from closeup.training.pupils.augmentation import PupilAugmentation, augmented
from closeup.training.pupils.backbone import NO_WEIGHTS, BackboneNetwork, open_backbone
from closeup.training.pupils.losses import PupilLossOptions, pupil_losses
from closeup.training.pupils.network import EyeInput
from closeup.training.rng import TensorRng
from tests.training.pupils.dark_dots import dark_dots

TINY = ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic")
GIVEN = EyeInput(Size(32, 24))


class Heard(Silent):
    def __init__(self) -> None:
        self.messages: list[str] = []

    def say(self, message: str) -> None:
        self.messages.append(message)


def tiny(*, freeze: bool = False, given: EyeInput = GIVEN) -> BackboneNetwork:
    torch.manual_seed(0)
    return BackboneNetwork(given, ResNetModel(TINY), freeze=freeze)


def saved(folder: Path) -> Path:
    torch.manual_seed(1)
    ResNetModel(TINY).save_pretrained(folder)
    return folder


def learnt(network: BackboneNetwork, steps: int) -> tuple[float, float]:
    """The loss in the first and in the last step."""
    eyes = dark_dots(64, 2.0)
    ways = [one for one in network.parameters() if one.requires_grad]
    descent = torch.optim.AdamW(ways, 3e-3)
    losses = []
    network.train()
    for step in range(steps):
        batch = augmented(eyes, GIVEN, PupilAugmentation(), TensorRng(0, step))
        loss = pupil_losses(network(batch["eyes"]), batch, GIVEN, PupilLossOptions())["loss"]
        descent.zero_grad()
        torch.autograd.backward(loss)
        descent.step()
        losses.append(loss.item())
    return losses[0], sum(losses[-5:]) / 5


def test_it_answers_as_every_pupil_network() -> None:
    answer = tiny(given=EyeInput(Size(32, 24), points=3)).eval()(
        torch.randint(0, 256, (5, 24, 32), dtype=torch.uint8)
    )

    assert answer.points.shape == (5, 3, 2)
    assert ((answer.points > 0) & (answer.points < 1)).all()
    assert answer.openness.shape == answer.visible.shape == answer.spread.shape == (5,)
    assert (answer.spread > 0).all()


@pytest.mark.parametrize("freeze", [False, True], ids=["fine-tuned", "frozen"])
def test_it_learns(freeze: bool) -> None:
    network = tiny(freeze=freeze)
    before = {name: value.clone() for name, value in network.backbone.state_dict().items()}

    first, last = learnt(network, 40)

    assert last < 0.7 * first
    after = network.backbone.state_dict()
    same = [name for name, value in before.items() if value.equal(after[name])]
    assert (len(same) == len(before)) is freeze


def test_weights_come_from_a_folder(tmp_path: Path) -> None:
    folder, heard = saved(tmp_path / "resnet"), Heard()

    network = open_backbone(str(folder), heard)

    torch.manual_seed(1)
    for name, value in ResNetModel(TINY).state_dict().items():
        torch.testing.assert_close(network.state_dict()[name], value)
    assert heard.messages == []


def test_reading_weights_writes_nothing_on_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = saved(tmp_path / "resnet")
    capfd.readouterr()

    open_backbone(str(folder), Silent())

    assert capfd.readouterr() == ("", "")


def test_random_weights_are_told() -> None:
    heard = Heard()

    network = open_backbone(NO_WEIGHTS, heard, TINY)

    assert network.config.hidden_sizes == [8, 16]
    assert "random weights" in heard.messages[0]
    assert "hf download microsoft/resnet-50" in heard.messages[0]


def test_without_a_wish_and_without_weights_they_are_random(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("closeup.training.pupils.backbone.NAME", str(tmp_path / "not-fetched"))
    heard = Heard()

    open_backbone(None, heard, TINY)

    assert "random weights" in heard.messages[0]


def test_weights_that_are_not_here_are_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere: it is not here; fetch them with: hf download"):
        open_backbone(str(tmp_path / "nowhere"), Silent())


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    folder = saved(tmp_path / "resnet")
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:100])

    with pytest.raises(InputError, match="it is damaged or no ResNet"):
        open_backbone(str(folder), Silent())


def test_a_folder_of_another_network_is_refused(tmp_path: Path) -> None:
    folder = saved(tmp_path / "resnet")
    (folder / "config.json").write_text('{"model_type": "bert", "hidden_size": 32}')

    with pytest.raises(InputError, match="no ResNet"):
        open_backbone(str(folder), Silent())
