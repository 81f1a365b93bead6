"""Text is escaped unless it was made here; pages are whole and load nothing."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesworthy.reporting.html import Html, callout, facts, html, items, joined, more, paragraph, section, table, tag
from salesworthy.reporting.markdown import from_markdown
from salesworthy.reporting.page import CHAPTERS, page, write_page

HOSTILE = '<script>alert("x")</script>\' onload=1 & "'
VOID = {"meta", "br", "img", "line", "circle", "path", "rect"}


class Outline(HTMLParser):
    """The elements and the text of a page; fails where an element is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, name, attributes):
        self.elements.append(name)
        if name not in VOID:
            self.open.append(name)

    def handle_startendtag(self, name, attributes):
        self.elements.append(name)

    def handle_endtag(self, name):
        assert self.open.pop() == name

    def handle_data(self, text):
        self.texts.append(text)


OF_MARKDOWN = {
    "p",
    "ul",
    "li",
    "strong",
    "code",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    *(f"h{n}" for n in range(1, 7)),
}
BUILDERS = {
    "paragraph": paragraph,
    "items": lambda text: items([text]),
    "facts": lambda text: facts({text: text}),
    "callout": lambda text: callout(text, title=text),
    "table": lambda text: table([text], [[text]], says=text),
    "more": lambda text: more(text, paragraph(text)),
    "section": lambda text: section(text, text),
    "attribute": lambda text: tag("a", "link", href=text, title=text),
    "markdown": lambda text: from_markdown(f"# {text}\n\n- {text}\n\n| {text} |\n|---|\n| `{text}` |\n\n**{text}**"),
    "page": lambda text: page(text, [text, CHAPTERS], contents=[text]),
}


@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
@given(text=st.text(st.sampled_from("<>\"'&=/ abscriptl`*|#-\n"), max_size=30))
def test_text_never_becomes_markup(build, text):
    assert set(Outline(build(text)).elements) <= {*Outline(build("x")).elements, *OF_MARKDOWN}


@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_a_hostile_text_is_shown_as_it_is(build):
    made = build(HOSTILE)
    assert "<script" not in made
    assert "alert" in made
    assert Outline(made).elements.count("script") == 0


def test_what_was_made_here_is_left_as_it_is():
    made = joined([tag("b", "<"), " & ", tag("i", Html("<u>x</u>"))])
    assert made == "<b>&lt;</b> &amp; <i><u>x</u></i>"
    assert html(made) == made


def test_a_page_is_whole_and_loads_nothing():
    made = page("t", [tag("h1", "Title"), CHAPTERS, section("One", "x"), section("Two", "y")], contents=["One", "Two"])
    outline = Outline(made.removeprefix("<!doctype html>"))
    assert outline.elements.count("a") == 2
    assert 'href="#one"' in made
    assert '<h2 id="one">' in made
    assert "http" not in made
    assert "script" not in outline.elements


def test_markdown_of_a_model_card():
    text = "# Card\n\n**For.** `x < 1`\nmore\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 \\| 2 | 3 |\n"
    assert from_markdown(text, below=1) == (
        '<h2 id="card">Card</h2>\n<p><strong>For.</strong> <code>x &lt; 1</code> more</p>\n'
        "<ul><li>one</li><li>two</li></ul>\n"
        '<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>'
        "<tbody><tr><td>1 | 2</td><td>3</td></tr></tbody></table></div>"
    )


def test_a_page_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "new" / "page.html"
    write_page("first", target)
    assert target.read_text(encoding="utf-8") == "first"
    with pytest.raises(UnicodeEncodeError):
        write_page("broken \ud800", target)
    assert target.read_text(encoding="utf-8") == "first"
    assert [path.name for path in target.parent.iterdir()] == ["page.html"]
