"""Written text becomes HTML that is safe to show."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.template import Context, Template

from core.markdown import render

HARMLESS = {
    "p": set(), "em": set(), "strong": set(), "code": set(), "pre": set(), "h2": set(), "br": set(),
    "a": {"href", "title", "rel"},
    "img": {"src", "alt", "title", "loading"},
}  # fmt: skip


class Elements(HTMLParser):
    """The elements of a text, as a browser would find them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", {}))


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "Hello <img src=x onerror=alert(1)> you",
        "[click](javascript:alert(1))",
        "[click](JaVaScRiPt&#58;alert(1))",
        "[click](java\tscript:alert(1))",
        "[click][ref]\n\n[ref]: javascript:alert(1)",
        "[click](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](data:image/svg+xml;base64,PHN2Zz4=)",
        "[click](vbscript:msgbox)",
        "[click](file:///etc/passwd)",
        '[a](/b "x\\" onmouseover=\\"alert(1)")',
        '[a](/b"onclick="alert(1))',
        '![x" onerror="alert(1)](/b.png)',
        "<style>body{display:none}</style>",
        '<iframe src="https://evil.example"></iframe>',
        '<form action="https://evil.example"><input></form>',
        "<!-- --><b>",
        "<javascript:alert(1)>",
        '<p class="notice bad" style="position:fixed">Pay here</p>',
        "```\n</code></pre><script>x</script>\n```",
        '```"><script>x</script>\ncode\n```',
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<svg/onload=alert(1)>",
        "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
        "[http://[](http://[)",
        "\x00<b>\x00",
        "[" * 500 + "](" * 500,
        "> " * 500 + "deep",
    ],
)
def test_nothing_dangerous_comes_through(text):
    for tag, attributes in Elements(render(text)).found:
        assert tag in HARMLESS.keys() | {"blockquote"}
        assert attributes.keys() <= HARMLESS.get(tag, set())
        address = attributes.get("href") or attributes.get("src") or ""
        assert urlsplit(address).scheme in {"", "http", "https", "mailto", "tel"}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *leaning*", "<p><strong>bold</strong> and <em>leaning</em></p>"),
        ("- one\n- two", "<li>two</li>"),
        ("3. third\n4. fourth", '<ol start="3">'),
        ("~~no~~", "<s>no</s>"),
        ("| a | b |\n| - | - |\n| 1 | 2 |", "<td>2</td>"),
        ("> said", "<blockquote>"),
        ("`a < b`", "<code>a &lt; b</code>"),
        ("5 < 6 & 7", "5 &lt; 6 &amp; 7"),
        ("![A bowl](/media/bowl.jpg)", '<img src="/media/bowl.jpg" alt="A bowl" loading="lazy">'),
        ("", ""),
    ],
)
def test_what_markdown_says_is_shown(text, html):
    assert html in render(text)


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# One\n## Two", ["h2", "h3"]),
        ("## One\n### Two\n## Three", ["h2", "h3", "h2"]),
        ("#### One\n###### Two", ["h2", "h3"]),
        ("## One\n##### Two", ["h2", "h3"]),
        ("One\n===\nTwo\n---", ["h2", "h3"]),
    ],
)
def test_headings_fit_below_those_of_the_page(text, levels):
    html = render(text)

    assert [html[at + 1 : at + 3] for at in range(len(html)) if html[at : at + 2] == "<h"] == levels
    assert "<h1" not in html


def test_headings_can_begin_deeper_and_end_at_the_sixth_level():
    html = render("# 1\n## 2\n### 3\n#### 4\n##### 5", top_heading=4)

    assert html.startswith("<h4>")
    assert html.count("<h6>") == 3


@pytest.mark.parametrize(
    ("address", "is_foreign"),
    [
        ("https://example.org/page", True),
        ("//example.org/page", True),
        ("http://shop.example.evil.org/", True),
        ("https://shop.example@evil.org/", True),
        ("https://shop.example/projects/", False),
        ("/projects/open-bench/", False),
        ("#dates", False),
        ("mailto:hello@example.org", False),
    ],
)
def test_links_to_other_sites_are_not_vouched_for(settings, address, is_foreign):
    settings.SITE_URL = "https://shop.example"

    html = render(f"[there]({address})")

    assert 'href="' in html
    assert ('rel="nofollow noopener"' in html) == is_foreign


def test_the_template_filter_writes_html_and_nothing_for_nothing():
    template = Template("{% load markdown %}{{ text|markdown:3 }}|{{ nothing|markdown }}")

    assert template.render(Context({"text": "# Hi", "nothing": None})) == "<h3>Hi</h3>\n|"
