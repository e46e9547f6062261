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


def test_a_chosen_look_wins_over_the_system_and_paper_stays_white(browser, site, owner, look):
    context = browser.new_context(color_scheme="light", viewport={"width": 360, "height": 800}, reduced_motion="reduce")
    page = context.new_page()

    def ink_and_ground():
        return page.evaluate("['color', 'backgroundColor'].map(name => getComputedStyle(document.body)[name])")

    page.goto(f"{site.url}/sign-in/")
    page.locator("[name=login]").fill(owner)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/keys/")
    page.goto(f"{site.url}/profile/")
    page.get_by_label("Dark").check()
    page.get_by_role("button", name="Save the look").click()
    page.wait_for_load_state()
    assert page.get_by_label("Dark").is_checked()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(19, 23, 31)"
    look(page, "look-dark-by-day")
    page.goto(f"{site.url}/docs/reference")
    page.locator(".opblock").first.wait_for()
    assert page.evaluate("document.documentElement.classList.contains('dark-mode')")
    look(page, "look-reference-dark-by-day")
    page.goto(f"{site.url}/profile/")
    page.emulate_media(media="print")
    assert ink_and_ground() == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    page.emulate_media(media="screen", color_scheme="dark")
    page.get_by_label("Light").check()
    page.get_by_role("button", name="Save the look").click()
    page.wait_for_load_state()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    look(page, "look-light-by-night")
    context.close()
