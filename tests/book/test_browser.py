"""The site in a browser: self-contained, readable, usable without a mouse.

Uses the Chromium or Chrome of this machine. Where there is none the tests are
skipped, except in continuous integration (`CI` is set), where they fail.
"""

import functools
import http.server
import os
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path

import contents
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 375, "height": 667}
# Style sheets are in place already; axe would look for them at a wrong address.
AXE = {"resultTypes": ["violations"], "preload": False}
# Contrast takes axe a millisecond an element, so it sees one of each look.
STRUCTURE = {**AXE, "rules": {"color-contrast": {"enabled": False}}}
CONTRAST = {**AXE, "runOnly": ["color-contrast"]}
MARK_LOOKS = """() => {
  const looks = new Set();
  for (const element of document.body.querySelectorAll("*")) {
    element.removeAttribute("data-look");
    const text = [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!text || !element.checkVisibility()) continue;
    let ground = "", opacity = 1;
    for (let at = element; at; at = at.parentElement) {
      const {backgroundColor, backgroundImage, opacity: own} = getComputedStyle(at);
      const opaque = backgroundColor !== "rgba(0, 0, 0, 0)";
      if (!ground && (opaque || backgroundImage !== "none")) {
        ground = backgroundColor + backgroundImage;
      }
      opacity *= own;
    }
    const {color, fontSize, fontWeight} = getComputedStyle(element);
    const look = [color, ground, opacity, fontSize, fontWeight].join();
    if (looks.has(look)) continue;
    looks.add(look);
    element.setAttribute("data-look", looks.size);
  }
}"""


@dataclass
class Visit:
    """One page, open, and what happened on the way."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(site):
    handler = functools.partial(QuietHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser():
    found = [path for name in BROWSERS if (path := shutil.which(name))]
    if not found:
        reason = f"no browser: looked for {', '.join(BROWSERS)}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found[0], args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def open_page(browser, address):
    """Return a function that opens a page of the site in a fresh profile."""
    contexts = []

    def open_page(name, *, viewport=DESKTOP):
        contexts.append(browser.new_context(viewport=viewport))
        visit = Visit(contexts[-1].new_page())
        visit.page.on("request", lambda request: visit.requests.append(request.url))
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        visit.page.on(
            "console",
            lambda message: (
                message.type == "error" and visit.complaints.append(message.text)
            ),
        )
        visit.page.goto(address + name)
        visit.page.wait_for_load_state("networkidle")
        return visit

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="module", params=[*contents.documents(), "search"])
def visit(request, open_page):
    visit = open_page(f"{request.param}.html")
    yield visit
    visit.page.close()


def serious(page, *, structure=True):
    """Return the violations that axe calls serious or critical, with places."""
    page.evaluate(MARK_LOOKS)
    runs = [({"include": ["[data-look]"]}, CONTRAST)]
    if structure:
        runs.append((None, STRUCTURE))
    return [
        f"{violation['id']}: {node['target']}: {node['failureSummary']}"
        for context, options in runs
        for violation in Axe().run(page, context, options).response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def set_theme(page, theme):
    page.evaluate(
        "theme => { document.documentElement.dataset.theme = theme;"
        " document.documentElement.dataset.mode = theme }",
        theme,
    )


def settle(page):
    """Wait for the theme, which looks for scrolling boxes after a pause."""
    page.wait_for_timeout(400)


def test_a_page_asks_no_other_host_and_reports_no_error(visit, address):
    assert [
        url for url in visit.requests if not url.startswith((address, "data:"))
    ] == []
    assert visit.complaints == []


def test_mathematics_is_typeset_in_a_font_of_the_site(visit):
    page = visit.page
    formulas = page.locator(".bd-article .math").count()
    page.wait_for_function(
        "n => document.querySelectorAll('.bd-article mjx-container').length >= n",
        arg=formulas,
    )
    assert page.locator("mjx-merror").count() == 0
    if formulas:
        fonts = (
            "[...document.fonts].filter(f => f.status == 'loaded').map(f => f.family)"
        )
        assert any("MJX" in family for family in page.evaluate(fonts))


def test_a_page_is_accessible_in_the_light_and_in_the_dark_on_any_screen(visit):
    faults = {}
    for viewport, theme, structure in (
        (DESKTOP, "light", True),
        (DESKTOP, "dark", False),
        (PHONE, "dark", True),
        (PHONE, "light", False),
    ):
        visit.page.set_viewport_size(viewport)
        set_theme(visit.page, theme)
        settle(visit.page)
        faults[theme, viewport["width"]] = serious(visit.page, structure=structure)
    assert not any(faults.values()), faults


def test_the_accessibility_check_catches_pale_text_and_a_bare_picture(browser):
    page = browser.new_page()
    page.set_content(
        "<html lang=en><title>t</title><main><h1>t</h1>"
        "<p style='color: #000'>black</p><p style='color: #aaa'>pale</p>"
        "<img src='data:,'></main></html>"
    )
    assert [fault.split(":")[0] for fault in serious(page)] == [
        "color-contrast",
        "image-alt",
    ]
    page.close()


def test_a_page_fits_a_phone(visit):
    visit.page.set_viewport_size(PHONE)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_whatever_scrolls_sideways_can_be_reached_with_the_keyboard(visit):
    visit.page.set_viewport_size(PHONE)
    settle(visit.page)
    stuck = visit.page.evaluate(
        """() => [...document.querySelectorAll('.bd-article *')].filter(box =>
            /auto|scroll/.test(getComputedStyle(box).overflowX)
            && box.scrollWidth > box.clientWidth && box.clientWidth > 0
            && box.tabIndex < 0 && !box.querySelector('a, button, [tabindex="0"]')
        ).map(box => box.outerHTML.slice(0, 120))"""
    )
    assert stuck == []


@pytest.fixture
def first(open_page):
    visit = open_page(f"{contents.documents()[0]}.html")
    yield visit.page
    visit.page.close()


def test_the_first_tab_offers_to_skip_to_the_text(first):
    first.keyboard.press("Tab")
    focused = "document.activeElement.closest('a').getAttribute('href')"
    assert first.evaluate(focused) == "#main-content"


def test_the_theme_changes_by_keyboard_and_is_kept(first):
    before = first.evaluate("document.documentElement.dataset.mode")
    first.locator(".theme-switch-button:visible").first.focus()
    first.keyboard.press("Enter")
    after = first.evaluate("document.documentElement.dataset.mode")
    assert before != after
    first.reload()
    assert first.evaluate("document.documentElement.dataset.mode") == after


def test_the_search_finds_a_chapter_by_keyboard(first):
    first.keyboard.press("Control+k")
    first.keyboard.type("popularity")
    first.keyboard.press("Enter")
    first.wait_for_selector("#search-results li a")
    assert "search.html" in first.url


def test_a_solution_unfolds_by_keyboard(open_page):
    for name in contents.documents():
        if (ROOT / f"{name}.ipynb").exists():
            break
    else:
        pytest.fail("the book has no notebook")
    visit = open_page(f"{name}.html")
    solution = visit.page.locator("div.solution").first
    button = solution.locator("button.toggle-button")
    body = solution.locator(":scope > section").first
    assert not body.is_visible()
    button.focus()
    visit.page.keyboard.press("Enter")
    body.wait_for(state="visible")
    visit.page.close()


QUIZZES = [name for name in contents.documents() if (ROOT / f"{name}.ipynb").exists()]


@pytest.mark.parametrize("name", QUIZZES)
def test_a_quiz_is_answered_by_keyboard_and_read_aloud(open_page, name):
    visit = open_page(f"{name}.html")
    questions = visit.page.locator(".quiz")
    assert 3 <= questions.count() <= 5
    for place in range(questions.count()):
        question = questions.nth(place)
        group = visit.page.get_by_role(
            "group", name=f"Question {place + 1}", exact=True
        )
        assert group.count() == 1, "a screen reader names the question"
        choices = question.locator("summary")
        first = question.locator("details").first
        choices.first.focus()
        for key in ("Enter", "Enter", " "):
            before = first.get_attribute("open")
            visit.page.keyboard.press(key)
            assert (first.get_attribute("open") is None) != (before is None)
        assert first.locator("p").first.is_visible()
        visit.page.keyboard.press("Tab")
        reached = "document.activeElement.closest('.quiz') !== null"
        assert visit.page.evaluate(reached), "Tab goes on to the next choice"
    visit.page.close()


def test_an_answered_quiz_is_accessible(open_page):
    visit = open_page(f"{QUIZZES[0]}.html")
    visit.page.evaluate(
        "document.querySelectorAll('.quiz details').forEach(d => { d.open = true })"
    )
    for theme in ("light", "dark"):
        set_theme(visit.page, theme)
        settle(visit.page)
        assert serious(visit.page, structure=theme == "light") == []
    visit.page.close()


def test_the_ledger_shows_one_verdict_at_a_time_by_keyboard(open_page):
    visit = open_page("chapters/10_1_claims.html")
    rows = visit.page.locator(".claims-ledger tbody tr:visible")
    everything = rows.count()
    visit.page.locator(".claims-filter button[value=does-not-hold]").focus()
    visit.page.keyboard.press("Enter")
    shown = rows.evaluate_all("rows => rows.map(row => row.dataset.verdict)")
    assert set(shown) == {"does-not-hold"}
    status = visit.page.locator(".claims-filter [role=status]").inner_text()
    assert status == f"{len(shown)} of {everything} claims"
    visit.page.evaluate("location.hash = 'ledger-1-cold-item'")  # which holds
    visit.page.locator("#ledger-1-cold-item").wait_for(state="visible")
    assert rows.count() == everything
    visit.page.close()
