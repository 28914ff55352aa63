"""The built site is whole and asks no other host for anything."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import contents
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text())
NOTEBOOKS = [name for name in contents.documents() if (ROOT / f"{name}.ipynb").exists()]
# Attributes by which a page loads something, as opposed to linking to it.
LOADING = {
    "audio": "src", "embed": "src", "iframe": "src", "img": "src", "link": "href",
    "object": "data", "script": "src", "source": "src", "track": "src", "video": "src",
}  # fmt: skip
LINKS = ("href", "src")
NOT_LOADED = {"canonical", "next", "prev", "search", "index", "license", "author"}


class Page(HTMLParser):
    """The elements of one page."""

    def __init__(self, path):
        super().__init__()
        self.path = path
        self.elements = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, {key: value or "" for key, value in attributes}))

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def ids(self):
        return [found["id"] for _, found in self.elements if "id" in found]


@pytest.fixture(scope="module")
def pages(site):
    paths = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    return {path.resolve(): Page(path) for path in paths}


@pytest.fixture(scope="module")
def chapters(site, pages):
    return {
        name: pages[(site / f"{name}.html").resolve()] for name in contents.documents()
    }


def test_every_document_of_the_contents_has_its_page(chapters):
    assert all(page.all("h1") for page in chapters.values())


def test_every_internal_link_leads_somewhere(site, pages):
    broken = []
    for path, page in pages.items():
        for link in {found.get(key) for _, found in page.elements for key in LINKS}:
            parts = urlsplit(link or "")
            if parts.scheme or parts.netloc:
                continue
            target = path
            if parts.path:
                target = (path.parent / unquote(parts.path)).resolve()
            place = unquote(parts.fragment)
            known = [place] if target not in pages else ["", *pages[target].ids]
            if not target.is_file() or place not in known:
                broken.append(f"{path.relative_to(site.resolve())}: {link}")
    assert not broken, "\n".join(sorted(broken))


def test_no_page_loads_anything_from_another_host(pages):
    foreign = []
    for page in pages.values():
        for tag, found in page.elements:
            link = found.get(LOADING.get(tag, ""), "")
            loads = not NOT_LOADED & set(found.get("rel", "").split())
            if loads and urlsplit(link).netloc:
                foreign.append(f"{page.path.name}: <{tag}> {link}")
    assert not foreign, "\n".join(foreign)


def test_no_style_sheet_loads_anything_from_another_host(site):
    pattern = re.compile(r"""(?:@import\s+|url\()\s*["']?((?:https?:)?//[^"')\s]+)""")
    sheets = {path: path.read_text("utf-8") for path in site.rglob("*.css")}
    foreign = {str(path): found for path, text in sheets.items()
               if (found := pattern.findall(text))}  # fmt: skip
    assert sheets
    assert not foreign


def test_every_picture_has_alt_text_that_describes_it(pages):
    poor = [
        f"{page.path.name}: {found.get('src')}: alt is {found.get('alt')!r}"
        for page in pages.values()
        for found in page.all("img")
        if re.search(r"[\\/]|\.(png|svg|jpe?g|gif)$", found.get("alt", ""))
        or not found.get("alt", "").strip()
    ]
    assert not poor, "\n".join(poor)


def test_no_id_occurs_twice_on_a_page(chapters):
    twice = {
        name: repeated
        for name, page in chapters.items()
        if (repeated := {x for x in page.ids if page.ids.count(x) > 1})
    }
    assert not twice


def test_pages_say_their_language_and_offer_to_skip_to_the_text(chapters):
    for name, page in chapters.items():
        assert page.all("html")[0].get("lang") == "en", name
        targets = [found.get("href") for found in page.all("a")]
        assert "#main-content" in targets, name
        assert "main-content" in page.ids, name


def test_solutions_are_folded(chapters):
    for page in chapters.values():
        for found in page.all("div"):
            classes = found.get("class", "").split()
            assert "solution" not in classes or "dropdown" in classes, page.path.name


def test_the_search_index_knows_every_document(site):
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(re.fullmatch(r"Search\.setIndex\((.*)\)", text, re.DOTALL)[1])
    assert set(contents.documents()) <= set(index["docnames"])


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_can_be_downloaded_and_launched(site, chapters, name):
    page = chapters[name]
    links = [found.get("href", "") for found in page.all("a")]
    stored = [link for link in links if link.endswith(".ipynb") and "://" not in link]
    assert stored, f"{name}: no download button"
    downloaded = (page.path.parent / stored[0]).read_bytes()
    assert downloaded == (ROOT / f"{name}.ipynb").read_bytes()
    repository = CONFIG["repository"]["url"].removeprefix("https://github.com/")
    branch = CONFIG["repository"]["branch"]
    for launch in (
        f"https://colab.research.google.com/github/{repository}/blob/{branch}/{name}.ipynb",
        f"https://mybinder.org/v2/gh/{repository}/{branch}?urlpath=lab/tree/{name}.ipynb",
    ):
        assert launch in links


def test_the_repository_is_named_once_in_the_settings():
    settings = (ROOT / "_config.yml").read_text()
    owner = urlsplit(CONFIG["repository"]["url"]).path.split("/")[1]
    assert len(re.findall(rf"github\.com/{owner}", settings)) == 1


def test_the_host_serves_folders_that_start_with_an_underscore(site):
    assert (site / ".nojekyll").exists()


def test_no_page_names_the_machine_that_built_it(pages):
    named = [
        page.path.name for page in pages.values() if str(ROOT) in page.path.read_text()
    ]
    assert not named
