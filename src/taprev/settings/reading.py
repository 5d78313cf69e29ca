"""Read `config/review.yaml`, or say every problem at once in plain words; write the settled copy."""

from __future__ import annotations

import json
import reprlib
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from taprev.ground.files import is_file
from taprev.ground.yaml_loader import LoaderOfEachKeyOnce
from taprev.settings.involvement import Involvement
from taprev.settings.review import Settings
from taprev.settings.sections import Part
from taprev.vocabulary import METAFOR

NO_REVIEW = "Every review needs its settings: change to the folder of a review, or begin one with taprev init FOLDER."
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 120
_SHORT.maxlevel = 3
Kind = TypeVar("Kind", bound=Part)


class SettingsError(ValueError):
    """The settings cannot be used; `problems` holds one sentence for each reason."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


def read_settings(path: Path) -> Settings:
    """Return the settings in a YAML file, or raise `SettingsError` with a sentence for every problem."""
    return _read(path, Settings)


def read_involvement(path: Path) -> Involvement:
    """Return how people were involved, or raise `SettingsError` with a sentence for every problem."""
    return _read(path, Involvement, empty="its items are " + ", ".join(Involvement.model_fields))


def _read(path: Path, kind: type[Kind], empty: str = "compare it with config/review.yaml") -> Kind:
    if not is_file(path):
        raise SettingsError([f"{path}: this file is missing. {NO_REVIEW}"])
    try:
        content = _parsed(text := path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise SettingsError([yaml_sentence(path, text, error)]) from None
    except UnicodeDecodeError:
        raise SettingsError([f"{path}: this file is not UTF-8 text. Save it as UTF-8."]) from None
    if content is None and kind is Involvement:
        content = {}
    if not isinstance(content, dict):
        raise SettingsError([f"{path}: this file holds no settings: {empty}."])
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise SettingsError([sentence(path, problem) for problem in error.errors()]) from None


def _parsed(text: str) -> Any:
    """Return what YAML says; what is JSON too, as settled settings are, is read a hundred times as fast."""
    if text.startswith("{"):
        try:
            return json.loads(text, object_pairs_hook=_each_key_once)
        except ValueError:
            pass
    return yaml.load(text, Loader=LoaderOfEachKeyOnce)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(made := dict(pairs)) < len(pairs):
        raise ValueError("a word stands twice; the loader of YAML says which and where")
    return made


def settle(settings: Settings, version: str, source: str) -> str:
    """Return the settings with the defaults filled in, and the version and fingerprint of the code.

    They are written as JSON, which is YAML too: a command for each domain reads them, and there may be a thousand.
    """
    settled = settings.model_copy(update={"version": version, "source": source})
    return json.dumps(settled.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"


def same_choices(settings: Path, settled: Path) -> bool:
    """Return whether two files of settings choose the same, whatever their wording and the code that settled them.

    Raises SettingsError or OSError where one of them cannot be read.
    """
    now, then = read_settings(settings), read_settings(settled)
    return now.model_copy(update={"version": then.version, "source": then.source}) == then


def _named_by_python(text: str, error: yaml.YAMLError) -> yaml.YAMLError:
    """Return the error as the loader in Python states it, which names the character that the one in C does not."""
    try:
        yaml.load(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as named:
        return named
    except (ValueError, OverflowError):
        return error
    return error


def yaml_sentence(path: Path, text: str, error: yaml.YAMLError) -> str:
    """Return what keeps a text from being read as YAML, with the line where it is known."""
    error = _named_by_python(text, error)
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or "unreadable"
    where = f", line {mark.line + 1}" if mark else ""
    if problem.startswith("mapping values are not allowed"):
        return f'{path}{where}: a text with a colon needs quotation marks, such as title: "Ward rounds: a review".'
    return f"{path}{where}: this is not YAML ({problem}). Check the line."


def sentence(path: Path, problem: ErrorDetails) -> str:
    """Return what pydantic found in a file, with the place in it and what to do."""
    setting = " > ".join(str(part) for part in problem["loc"]) or "the file as a whole"
    if problem["type"] == "extra_forbidden":
        return f"{path}, {setting}: this word is not a setting. Remove it or correct its spelling."
    if problem["type"] == "missing":
        return f"{path}, {setting}: this setting is missing."
    message = problem["msg"].removeprefix("Value error, ").replace("String should match pattern", "It must match")
    if problem["type"] == "value_error":
        return f"{path}, {setting}: {message}."
    found = problem["input"]
    here = METAFOR.get(found) if isinstance(found, str) else None
    known = f" metafor's {found} is {here} here." if here and f"'{here}'" in message else ""
    return f"{path}, {setting}: found {_SHORT.repr(found)}. {message}.{known}"
