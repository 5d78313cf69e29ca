"""Sources are read whatever they are, or one sentence says why not; nothing in them is run or fetched."""

from __future__ import annotations

import time
from decimal import Decimal

import pypdfium2
import pytest
from made_papers import compiled, made, scan_of

from taprev.sources import opening
from taprev.sources.opening import UnreadableSource, open_source
from taprev.sources.spelling import AskedNumber, readings, spelled
from taprev.vocabulary import SpelledAs

PAGE = "#set page(width: {width}, height: 20cm)\n{text}"


def typeset(folder, text, name="made", width="14cm"):
    source = folder / f"{name}.typ"
    source.write_text(PAGE.format(width=width, text=text), encoding="utf-8")
    path = folder / f"{name}.pdf"
    path.write_bytes(compiled(source))
    return path


def words(path, page=1):
    source = open_source(path)
    try:
        return [word.text for word in source.page(page).words]
    finally:
        source.close()


def rows(path, page=1):
    source = open_source(path)
    read = source.page(page)
    source.close()
    return [" ".join(read.words[i].text for i in row) for row in read.rows]


def test_a_raised_mark_is_no_part_of_the_figure_before_it(tmp_path):
    path = typeset(tmp_path, "mean 12.3#super[2] in 45#super[a] people#super[1,2]")
    assert words(path) == ["mean", "12.3", "2", "in", "45", "a", "people", "1,2"]
    assert [number.size for number in readings(words(path))][:3] == [Decimal("12.3"), 2, 45]


def test_ligatures_and_small_capitals_are_letters(tmp_path):
    path = typeset(tmp_path, '#set text(font: "Libertinus Serif")\nefficient office #smallcaps[staff] finding')
    assert "".join(words(path)).lower() == "efficientofficestafffinding"


def test_the_rows_of_a_table_are_read_whatever_the_order_of_its_text(tmp_path):
    columns = "#stack(dir: ltr, spacing: 1cm, [A \\ B], [12.3 \\ 45.6], [7.8 \\ 9.0])"
    assert rows(typeset(tmp_path, columns)) == ["A 12.3 7.8", "B 45.6 9.0"]


@pytest.mark.parametrize("angle", [0, 90, -90, 180])
def test_print_that_is_turned_is_read_as_it_stands(tmp_path, angle):
    path = typeset(tmp_path, f"#rotate({angle}deg, reflow: true)[Scale 12.3 4.5 \\ Other 6.7 8.9]")
    assert rows(path) == ["Scale 12.3 4.5", "Other 6.7 8.9"]


def test_the_places_of_a_turned_page_are_those_of_the_page_as_it_is_shown(tmp_path):
    path = typeset(tmp_path, "word 12.3")
    with pypdfium2.PdfDocument(path) as document:
        document[0].set_rotation(90)
        document.save(tmp_path / "turned.pdf")
    for file in (path, tmp_path / "turned.pdf"):
        source = open_source(file)
        place = source.page(1).words[1].place
        width, height = source.pdf[0].get_size()
        assert 0 <= place.left < place.right <= width and 0 <= place.top < place.bottom <= height
        shown = (
            source.pdf[0]
            .render(crop=(place.left, height - place.bottom, width - place.right, place.top), scale=2)
            .to_pil()
        )
        assert shown.convert("L").getextrema()[0] < 100
        source.close()


def test_a_table_of_html_is_read_in_rows_and_scripts_not_at_all(tmp_path):
    path = tmp_path / "page.html"
    path.write_text(
        "<!doctype html><html><head><title>no</title><script>document.write('99.9')</script></head><body>"
        "<p>Before<br>after <b>bo</b>ld</p><script src='http://example.invalid/x.js'></script><table><tr><th>Scale"
        "<th>Mean</tr><tr><td>Hope</td><td>12.3<sup>a</sup></td></tr></table><img src='http://example.invalid/y.png'>",
        encoding="utf-8",
    )
    assert rows(path) == ["Before", "after bold", "Scale Mean", "Hope 12.3 a"]


def test_html_fetches_no_entity_of_a_file(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    path = tmp_path / "page.html"
    address = (tmp_path / "secret.txt").as_uri()
    path.write_text(f'<!DOCTYPE html [<!ENTITY x SYSTEM "{address}">]><html><body>a &x; b</body></html>')
    assert "secret" not in " ".join(words(path))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Größe −3,2".encode(), ["Größe", "−3,2"]),
        ("Größe 3,2".encode("cp1252"), ["Größe", "3,2"]),
        ("Größe 3,2".encode("utf-16"), ["Größe", "3,2"]),
        (b"\xef\xbb\xbfmean 3.2", ["mean", "3.2"]),
    ],
)
def test_text_is_read_in_its_encoding(tmp_path, content, expected):
    path = tmp_path / "page.txt"
    path.write_bytes(content)
    assert words(path) == expected


def broken(folder):
    """Return files that cannot be read, each with a piece of what is said of it."""
    paper = made("one_column", 0).pdf
    files = {
        "empty.pdf": (b"", "it is empty"),
        "damaged.pdf": (b"%PDF-1.7\nnothing follows", "a damaged PDF"),
        "cut.pdf": (paper[:900], "a damaged PDF"),
        "named.pdf": (b"plain words", "named as a PDF and is none"),
        "letter.docx": (b"PK\x03\x04rest", "a document of a word processor"),
        "old.doc": (b"\xd0\xcf\x11\xe0rest", "an older word processor"),
        "scan.png": (b"\x89PNG\r\n", "a picture (PNG)"),
        "noise.bin": (bytes(range(256)), "it is no text"),
        "locked.pdf": (LOCKED, "protected by a password"),
    }
    for name, (content, _) in files.items():
        (folder / name).write_bytes(content)
    return {folder / name: said for name, (_, said) in files.items()}


# A page of its own, encrypted with RC4 by a user password that nobody has: its trailer is enough to be refused.
LOCKED = b"""%%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj
4 0 obj<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>endobj
trailer<</Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]>>
%%%%EOF
""" % (b"11" * 32, b"22" * 32)


def test_what_cannot_be_read_is_said_in_one_sentence_with_what_to_do(tmp_path):
    for path, said in broken(tmp_path).items():
        with pytest.raises(UnreadableSource, match=r"^it ") as refused:
            open_source(path)
        assert said in str(refused.value) and str(refused.value).count(".") >= 2, path.name


def test_a_picture_of_a_page_has_no_text(tmp_path):
    path = tmp_path / "scan.pdf"
    path.write_bytes(scan_of(made("one_column", 0), tmp_path))
    source = open_source(path)
    assert source.scanned == (1,) and source.page(1).words == ()
    source.close()


def test_a_book_of_five_hundred_pages_is_read_only_where_it_is_asked(tmp_path):
    path = typeset(tmp_path, "\n#pagebreak()\n".join(f"page {n} mean {n}.5" for n in range(500)))
    began = time.perf_counter()
    source = open_source(path)
    assert source.count == 500 and source.scanned == ()
    assert "499.5" in [word.text for word in source.page(500).words]
    source.close()
    assert time.perf_counter() - began < 20


def test_a_page_as_large_as_a_wall_is_read(tmp_path):
    path = typeset(tmp_path, "mean 12.3", width="480cm")
    assert words(path) == ["mean", "12.3"]


def test_a_text_of_more_words_than_any_report_has_is_refused_and_a_long_one_read(tmp_path):
    path = tmp_path / "page.txt"
    path.write_text("mean 12.3 " * 90_000)
    assert len(words(path)) == 180_000
    path.write_text("mean 12.3 " * 110_000)
    with pytest.raises(UnreadableSource, match=r"more than 200,000 words"):
        open_source(path)


@pytest.mark.parametrize(
    ("printed", "size", "negative"),
    [
        (".38", "0.38", False),
        ("5·2", "5.2", False),
        ("−3.2*", "3.2", True),
        ("(−3.2)", "3.2", True),
        ("d=-0.45", "0.45", True),
        ("1,234", "1234", False),
        ("1.234,5", "1234.5", False),
        ("12’345", "12345", False),
        ("1 234", "1234", False),
        ("45a", "45", False),
        ("twenty-three", "23", False),
        ("one hundred and five", "105", False),
        ("p<.001", "0.001", False),
        ("0.12–0.45", "0.45", False),
        ("[−0.45,0.12]", "0.12", False),
        ("F(1,45)", "45", False),
    ],
)
def test_a_number_is_read_in_every_spelling(printed, size, negative):
    assert (Decimal(size), negative) in [(one.size, one.negative) for one in readings(printed.split())]


@pytest.mark.parametrize("printed", ["PCL5", "T2", "9" * 40, "v1.2.3.4"])
def test_what_is_part_of_a_name_is_no_number(printed):
    assert readings([printed]) == []


@pytest.mark.parametrize(
    ("stored", "printed", "how"),
    [
        ("0.38", "38%", SpelledAs.PERCENTAGE),
        ("0.62", "38%", None),
        ("12.34", "12.3", SpelledAs.FEWER_DIGITS),
        ("12.3", "12.34", SpelledAs.MORE_DIGITS),
        ("12.3", "12.30", SpelledAs.ALIKE),
        ("23", "twenty-three", SpelledAs.IN_WORDS),
        ("5", "4.6", None),
        ("12.3", "12.4", None),
    ],
)
def test_a_figure_is_recognised_in_another_spelling_and_no_other_figure_is(stored, printed, how):
    assert spelled(AskedNumber.of(stored), readings([printed])[0]) is how


def test_a_ratio_may_be_printed_as_what_it_fell_by_and_people_are_never_rounded():
    assert spelled(AskedNumber.of("0.62", ratio=True), readings(["38%"])[0]) is SpelledAs.PERCENTAGE
    assert spelled(AskedNumber.of("51", counted=True), readings(["51.4"])[0]) is None


def test_html_without_the_library_that_reads_it_is_said_and_text_is_read(tmp_path, monkeypatch):
    page, text = tmp_path / "a.html", tmp_path / "a.txt"
    page.write_text("<html><body>n = 34</body></html>")
    text.write_text("n = 34")
    monkeypatch.setattr(opening, "documents_here", lambda: False)
    with pytest.raises(UnreadableSource, match=r"it is HTML, which taprev reads with its extra: pip install"):
        open_source(page)
    assert [word.text for word in open_source(text).page(1).words] == ["n", "=", "34"]
    monkeypatch.undo()
    assert [word.text for word in open_source(page).page(1).words] == ["n", "=", "34"]
