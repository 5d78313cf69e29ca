"""Whatever a file holds, reading it gives what it says or one sentence, and never anything else."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samples import foreign
from taprev.exchange.answers import EVERY, Answers
from taprev.exchange.formats import FORMATS
from taprev.exchange.names import LONGEST, Names, plain
from taprev.exchange.revman.xml_text import element_of, text_of
from taprev.exchange.tabular import table_of

SAID = Answers(better={EVERY: "lower"}, contrast={EVERY: "randomised"}, measure="SMD")
WILD = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CONTENTS = [text.encode() for text in (foreign.METAPSY, foreign.EFFECTS, foreign.COVIDENCE, foreign.EPPI, foreign.RIS)]
CONTENTS += [foreign.rm5_of().encode(), foreign.NBIB.encode(), foreign.PRISMA.encode(), foreign.ROBVIS.encode()]


@st.composite
def damaged(draw):
    """A file of some format in which a few bytes are others, missing or twice."""
    content = bytearray(draw(st.sampled_from(CONTENTS)))
    for _ in range(draw(st.integers(1, 8))):
        place = draw(st.integers(0, len(content) - 1))
        content[place : place + draw(st.integers(0, 6))] = draw(st.text('abx;,.-<>"0 19', max_size=4)).encode()
        content = content or bytearray(b"x")
    return bytes(content)


@given(damaged(), st.sampled_from([one for one in FORMATS if one.word != "srdr"]))
@WILD
def test_a_damaged_file_is_read_or_refused_in_words(tmp_path, content, chosen):
    path = tmp_path / "file.data"
    path.write_bytes(content)
    try:
        chosen.read(path, SAID)
    except ValueError as error:
        assert str(error).startswith((str(path), "the mapping")), str(error)


@given(st.binary(max_size=300))
@WILD
def test_any_bytes_are_a_table_or_a_sentence(content):
    try:
        made = table_of(Path("file"), content)
    except ValueError as error:
        assert str(error).startswith("file: ")
    else:
        assert all(set(row) == set(made.header) for _, row in made.rows)


@given(st.text(max_size=200))
@WILD
def test_any_text_in_an_element_comes_back(text):
    plain = re.sub(r"[^\x20-\x7e\xa0-\ud7ff]", " ", text)
    marked = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    read, remarks = text_of(f"<a>{marked}</a>".encode())
    assert element_of(read, "file").text == (plain or None) and remarks == []


@given(st.lists(st.text(max_size=90), max_size=12))
@WILD
def test_every_name_has_an_identifier_of_its_own_that_leads_nowhere(texts):
    names = Names("study")
    made = {text: names.name(text, text) for text in texts}
    assert len(set(made.values())) == len(made)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) and len(name) <= LONGEST + 12 for name in made.values())
    assert all(names.name(text, "other") == name for text, name in made.items())


def test_letters_with_marks_of_their_own_are_spelt_without_them():
    spelt = {
        "Sørensen": "sorensen",
        "Æbelø": "aebelo",
        "Groß": "gross",
        "Wałęsa": "walesa",
        "Đorđe": "dorde",
        "Þór": "thor",
    }
    assert {name: plain(name, "study") for name in spelt} == spelt
