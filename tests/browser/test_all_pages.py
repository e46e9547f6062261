"""ux.md, “all pages”: the keyboard is enough and one sees where it is; on paper there is the content alone."""

from tests.browser.conftest import PASSWORD


def reach(page, selector):
    """Press Tab until the thing has the focus, and see that it shows."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            break
    else:
        raise AssertionError(f"no Tab leads to {selector}")
    shown = page.evaluate(
        "() => { const style = getComputedStyle(document.activeElement);"
        " return style.outlineStyle !== 'none' || style.boxShadow !== 'none' }"
    )
    assert shown, f"nobody sees that {selector} has the focus"


def test_the_keyboard_alone_signs_in_and_makes_a_key(browser, site, owner):
    page = browser.new_page()
    page.goto(f"{site.url}/sign-in/")
    page.locator("[name=login]").focus()
    page.keyboard.type(owner)
    reach(page, "[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/keys/")
    page.goto(f"{site.url}/keys/new/")
    reach(page, "[name=name]")
    page.keyboard.type("By hand")
    reach(page, "[name=access]")
    page.keyboard.press("Space")
    reach(page, "main form [type=submit]:not([name], [formaction], [tabindex])")
    page.keyboard.press("Enter")
    page.get_by_text("You will not see it again").wait_for()
    page.close()


def test_on_paper_there_is_no_menu(browser, site, owner):
    page = browser.new_page()
    page.goto(f"{site.url}/sign-in/")
    page.locator("[name=login]").fill(owner)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/keys/")
    page.emulate_media(media="print")
    assert not page.locator("nav").first.is_visible()
    assert page.locator("main h1").is_visible()
    page.close()
