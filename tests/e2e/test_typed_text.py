"""What is taken along from a page that is loaded again: what was typed, and no secret."""

from __future__ import annotations

import json
from typing import Any

import pytest

from build_support.desktop.modules import SHELL
from tests.e2e.desktop import Desktop
from tests.e2e.devtools import Page

_SCRIPT = SHELL / "pages" / "typed_text.js"
_FIELDS = """
<form>
  <input id="title" value="before"><input name="mail" type="email">
  <textarea name="text">before</textarea>
  <input type="checkbox" name="many" value="1"><input type="checkbox" name="many" value="2" checked>
  <input type="radio" name="one" value="a" checked><input type="radio" name="one" value="b">
  <select name="colour"><option>red<option>blue</select>
  <select name="shapes" multiple><option>round<option selected>square</select>
  <div id="free" contenteditable></div>
  <input name="same" value=""><input name="same" value="">
  <input type="password" name="secret"><input type="hidden" name="csrfmiddlewaretoken">
  <input name="shown_password"><input autocomplete="one-time-code" name="code">
  <input autocomplete="cc-number" name="card"><input readonly name="fixed"><input type="file">
</form>
"""
_TYPE = """(() => {
  const set = (selector, change) => Object.assign(document.querySelector(selector), change);
  set('#title', {value: 'typed'});
  set('[name=text]', {value: 'more\\nlines'});
  set('[name=many][value="1"]', {checked: true});
  set('[name=many][value="2"]', {checked: false});
  set('[name=one][value=b]', {checked: true});
  set('[name=colour]', {value: 'blue'});
  document.querySelector('[name=shapes]').options[0].selected = true;
  set('#free', {textContent: 'free text'});
  document.querySelectorAll('[name=same]')[1].value = 'second';
  for (const name of ['secret', 'csrfmiddlewaretoken', 'shown_password', 'code', 'card', 'fixed'])
    set(`[name=${name}]`, {value: 'SECRET'});
})()"""
_STATE = """JSON.stringify(Array.from(document.querySelectorAll('form *'), e =>
  [e.name || e.id, e.type, e.checked || false, e.selected || false,
   e.isContentEditable ? e.textContent : e.value]))"""


@pytest.fixture
def page(desktop: Desktop) -> Page:
    page = desktop.start().page()
    page.command("Page.setBypassCSP", enabled=True)
    page.evaluate("window.isOld = true; location.reload()")
    page.wait("!window.isOld && document.readyState === 'complete'")
    _show(page)
    return page


def _show(page: Page) -> None:
    page.evaluate(f"void (document.body.innerHTML = {json.dumps(_FIELDS)})")


def _call(page: Page, call: str) -> Any:  # noqa: ANN401 - as JSON
    script = _SCRIPT.read_text(encoding="utf-8")
    return page.evaluate(f"(() => {{{script}\nreturn typedText.{call};}})()")


def test_what_was_typed_is_there_again_and_secrets_are_not_read(page: Page) -> None:
    page.evaluate(_TYPE)
    typed = json.loads(page.evaluate(_STATE))
    found = _call(page, "collectText(false)")
    assert "SECRET" not in json.dumps(found)
    assert {field["value"] for field in found["fields"]} >= {"typed", "more\nlines", "second"}
    assert found["files"] is False

    _show(page)
    page.evaluate("window.heard = []; addEventListener('input', e => heard.push(e.target.name))")
    assert _call(page, f"fillInText({json.dumps(found['fields'])})") == []
    again = json.loads(page.evaluate(_STATE))
    secret = [state for state in typed if "SECRET" in state]
    assert [state for state in typed if state not in secret] == [
        state for state in again if [*state[:4], "SECRET"] not in secret
    ]
    assert "text" in page.evaluate("heard"), "the page hears of it, as if it was typed"


def test_what_has_no_place_is_told(page: Page) -> None:
    page.evaluate(_TYPE)
    fields = _call(page, "collectText(false)")["fields"]
    page.evaluate("document.querySelector('#title').remove()")
    assert _call(page, f"fillInText({json.dumps(fields)})") == ["typed"]


def test_of_an_untouched_page_nothing_is_taken(page: Page) -> None:
    assert _call(page, "collectText(false)")["fields"] == []
    everything = _call(page, "collectText(true)")["fields"]
    assert "before" in {field["value"] for field in everything}
    assert not any(field["key"].startswith(("password", "hidden", "file")) for field in everything)
