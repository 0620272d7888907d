from pathlib import Path

from closeup.settings import Settings


def test_both_folders_come_from_the_environment() -> None:
    settings = Settings.from_environment({"CLOSEUP_MODELS": "/m", "CLOSEUP_CACHE": "/c"})
    assert settings == Settings(Path("/m"), Path("/c/models"))


def test_unset_and_empty_are_the_same() -> None:
    unset = Settings.from_environment({})
    assert unset == Settings.from_environment({"CLOSEUP_MODELS": "", "CLOSEUP_CACHE": ""})
    assert unset == Settings(None, Path.home() / ".cache" / "closeup" / "models")


def test_a_tilde_is_the_home_folder() -> None:
    settings = Settings.from_environment({"CLOSEUP_MODELS": "~/m", "CLOSEUP_CACHE": "~/c"})
    assert settings == Settings(Path.home() / "m", Path.home() / "c" / "models")
