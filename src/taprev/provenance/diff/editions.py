"""An edition of a review: its settings and extracted tables, and, of results, the numbers as they were stored."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from taprev.extraction.risk_of_bias.declarations import tools_of
from taprev.extraction.risk_of_bias.tools import BiasTools
from taprev.extraction.table_problems import table_problems
from taprev.extraction.tables import Row, codebook, read_rows
from taprev.provenance.diff.revisions import RevisionError, check_out
from taprev.settings import Settings, SettingsError, read_settings
from taprev.synthesis.results import Synthesis, read_synthesis

MOST_PROBLEMS = 10
WANTED = (
    "Name a review folder (it holds config/ and data/), a results folder (it holds settings.yaml and "
    "audit/extracted/), or a git revision such as HEAD~3 or a tag."
)
OWN_RESULTS = (
    "The settings name {word!r} as the earlier edition (earlier in config/review.yaml). It is this review itself, or "
    "lies in {results}/, which every run overwrites: it would be compared with itself. Name a git revision such as "
    "v1.0, or a copy of the published results that lies elsewhere."
)


@dataclass(frozen=True)
class ExtractedTable:
    """An extracted table: its rows as printed, the columns of its codebook, and those that name a row."""

    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    key: tuple[str, ...]


@dataclass(frozen=True)
class Edition:
    """One state of a review, with the tools by which its risk of bias is judged.

    `stored` holds the synthesis JSON of each domain where it is a results folder.
    """

    label: str
    kind: str
    settings: Settings
    tables: dict[str, ExtractedTable]
    tools: BiasTools
    stored: dict[str, Synthesis] = field(default_factory=dict)


class EditionError(ValueError):
    """An edition cannot be read; `sentences` say what was found and what to do."""

    def __init__(self, sentences: list[str]):
        super().__init__("\n".join(sentences))
        self.sentences = sentences


def refuse_own_results(word: str, results: Path) -> None:
    """Raise EditionError where the earlier edition is this review, or lies in the results that its run makes."""
    try:
        named, made = Path(word).resolve(), results.resolve()
        own = bool(word) and (named == made.parent or named.is_relative_to(made))
    except (OSError, ValueError, RuntimeError):
        return
    if own:
        raise EditionError([OWN_RESULTS.format(word=word, results=results.as_posix())])


def read_edition(word: str) -> Edition:
    """Return the edition that a word names: a folder of that name, or else a git revision.

    Raises EditionError where it names neither, or where its settings or tables cannot be read.
    """
    folder = Path(word)
    if _is(Path.is_dir, folder) and word:
        return _of_folder(folder, word)
    if _is(Path.is_file, folder):
        raise EditionError([f"{word}: this is a file. {WANTED}"])
    with tempfile.TemporaryDirectory() as temporary:
        try:
            commit = check_out(word, Path(temporary))
        except RevisionError as error:
            raise EditionError([f"{word}: {error} {WANTED}"]) from None
        try:
            return _of_review(Path(temporary), f"{word} ({commit[:7]})", "revision")
        except EditionError as error:
            sentences = [sentence.replace(f"{temporary}/", f"{word}:") for sentence in error.sentences]
            raise EditionError(sentences) from None


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    """Return whether there is such a file or folder; a name that no path can have is none."""
    try:
        return kind(path)
    except OSError:
        return False


def present_edition(settings: Path, data: Path) -> Edition:
    """Return the edition of one settings file and one data folder, as the workflow has them."""
    return _edition("the present data", "review folder", settings, data / "extracted")


def _of_folder(folder: Path, word: str) -> Edition:
    label = "the present folder" if folder == Path() else word
    if (folder / "config" / "review.yaml").is_file():
        return _of_review(folder, label, "review folder")
    if not (folder / "settings.yaml").is_file():
        raise EditionError([f"{word}: this folder is neither a review nor its results. {WANTED}"])
    extracted = folder / "audit" / "extracted"
    if not extracted.is_dir():
        raise EditionError(
            [
                f"{word}: these results do not hold the tables they were computed from (audit/extracted/). "
                "Make them anew with make review, or name the review folder or a git revision."
            ]
        )
    made = _edition(label, "results folder", folder / "settings.yaml", extracted)
    return replace(made, stored=_stored(folder / "synthesis", made.settings))


def _of_review(folder: Path, label: str, kind: str) -> Edition:
    return _edition(label, kind, folder / "config" / "review.yaml", folder / "data" / "extracted")


def _edition(label: str, kind: str, settings: Path, extracted: Path) -> Edition:
    try:
        decided = read_settings(settings)
    except SettingsError as error:
        refused = f"{label}: taprev as it is now does not accept these settings."
        raise EditionError([refused, *error.problems]) from None
    if problems := table_problems(extracted):
        refused = f"{label}: these tables do not fit their codebook."
        raise EditionError([refused, *(p.sentence() for p in problems[:MOST_PROBLEMS]), *_more(len(problems))])
    return Edition(label, kind, decided, _tables(label, extracted), tools_of(extracted))


def _more(count: int) -> list[str]:
    return [f"{count - MOST_PROBLEMS} more problems of this kind."] if count > MOST_PROBLEMS else []


def _tables(label: str, extracted: Path) -> dict[str, ExtractedTable]:
    tables = {}
    for name, table in codebook(extracted).items():
        key = table["schema"].get("primaryKey", [])
        columns = tuple(column["name"] for column in table["schema"]["fields"])
        rows = tuple(read_rows(extracted / table["path"]))
        tables[name] = ExtractedTable(rows, columns, (key,) if isinstance(key, str) else tuple(key))
    if missing := [name for name in ("studies", "outcomes") if name not in tables]:
        raise EditionError([f"{label}: the codebook does not know the table {' and '.join(missing)}. Restore it."])
    return tables


def _stored(folder: Path, settings: Settings) -> dict[str, Synthesis]:
    paths = {name: folder / f"{name}.json" for name in settings.domains}
    try:
        return {name: read_synthesis(path) for name, path in paths.items() if path.is_file()}
    except ValueError as error:
        raise EditionError([str(error)]) from None
