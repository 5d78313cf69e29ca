"""Every closed list of words stands once, in `vocabulary`; the codebook and the settings take their words from it."""

from __future__ import annotations

import ast
import inspect

import yaml

from taprev import vocabulary
from taprev.vocabulary import Word

COLUMNS = {"smd", "cohens_f", "ratio", "t", "F", "z", "p", "p_bound", "direction"}
LISTS = {
    name: {str(word) for word in kind} - (COLUMNS if kind is vocabulary.Statistic else set())
    for name, kind in inspect.getmembers(vocabulary, inspect.isclass)
    if issubclass(kind, Word) and kind is not Word
}
CODEBOOK = {
    ("studies", "publication_status"): vocabulary.PublicationStatus,
    ("studies", "lived_experience"): vocabulary.LivedExperience,
    ("studies", "harms"): vocabulary.Harms,
    ("outcomes", "better"): vocabulary.Better,
    ("outcomes", "contrast"): vocabulary.Contrast,
    ("outcomes", "pairing"): vocabulary.Pairing,
    ("outcomes", "sd_basis"): vocabulary.SdBasis,
    ("outcomes", "statistic"): vocabulary.Statistic,
    ("outcomes", "allows_for_clusters"): vocabulary.Stated,
    ("outcomes", "n_basis"): vocabulary.NBasis,
    ("outcomes", "before_scores"): vocabulary.BeforeScores,
    ("reports", "read"): vocabulary.Read,
    ("outcomes", "allows_for_repeated_measures"): vocabulary.Stated,
    ("outcomes", "unit_of_allocation"): vocabulary.Allocation,
    ("outcomes", "direction"): vocabulary.Direction,
    ("outcomes", "analysis_set"): vocabulary.AnalysisSet,
    ("outcomes", "ratio_kind"): vocabulary.RatioKind,
    ("outcomes", "effect_measure"): vocabulary.GivenEffect,
    ("outcomes", "scale_part"): vocabulary.ScalePart,
    ("outcomes", "adjustment"): vocabulary.Adjustment,
    ("outcomes", "arm"): vocabulary.Arm,
    ("certainty", "start"): (vocabulary.CertaintyLevel.HIGH, vocabulary.CertaintyLevel.LOW),
    **{("certainty", str(domain)): vocabulary.Concern for domain in vocabulary.GradeDomain},
    ("certainty", "raised"): ("1", "2"),
    ("certainty", "certainty"): vocabulary.CertaintyLevel,
    ("missing_evidence", "risk"): vocabulary.MissingEvidenceRisk,
    ("flow", "box"): vocabulary.FlowBox,
}


def words_of(node):
    """Return the words that a collection or a chain of comparisons lists, where it lists nothing but words."""
    if isinstance(node, ast.Dict):
        parts = node.keys
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        parts = node.elts
    elif isinstance(node, ast.Match):
        parts = [case.pattern.value for case in node.cases if isinstance(case.pattern, ast.MatchValue)]
    else:
        return set()
    words = {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}
    return words if len(words) == len(parts) else set()


def homes(tree):
    """Yield the line and the name of every list of words in a module that a vocabulary holds, whole or in part."""
    for node in ast.walk(tree):
        words = {word for word in words_of(node) if len(word) > 1}
        for name, known in LISTS.items():
            if len(words) > 1 and words <= known:
                yield node.lineno, name


def test_no_list_of_words_has_a_second_home(root):
    package = root / "src" / "taprev"
    found = [
        f"{path.relative_to(package)}:{line} lists words of {name}"
        for path in package.rglob("*.py")
        if path.name != "vocabulary.py"
        for line, name in homes(ast.parse(path.read_text("utf-8")))
    ]
    assert found == []


def test_a_second_home_would_be_found():
    for text in (
        'DESIGNS = ("randomised", "controlled")',
        'WORDS = {"before_after": "before-after", "time_series": "time series"}',
        'x = row["fate"] in ["pooled", "shown"]',
        'match tier:\n    case "exact":\n        pass\n    case "assumed":\n        pass',
    ):
        assert [*homes(ast.parse(text))]


def test_the_codebook_allows_the_words_of_the_vocabulary(root):
    package = yaml.safe_load((root / "data" / "extracted" / "datapackage.yaml").read_text("utf-8"))
    allowed = {
        (table["name"], field["name"]): field["constraints"]["enum"]
        for table in package["resources"]
        for field in table["schema"]["fields"]
        if "enum" in field.get("constraints", {}) and "anew" not in field
    }
    assert allowed.keys() == CODEBOOK.keys()
    for place, words in CODEBOOK.items():
        assert set(allowed[place]) == {str(word) for word in words}, place


def test_every_word_can_be_said():
    for kind in LISTS:
        for word in getattr(vocabulary, kind):
            assert word.said and "_" not in word.said
            assert getattr(vocabulary, kind)(str(word)) is word
