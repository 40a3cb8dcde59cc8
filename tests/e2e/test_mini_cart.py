"""The cart's drawer: by keyboard alone, told to who can't see it, right on pages that were kept for everybody, and right
again after Back."""

from playwright.async_api import Page, expect

from tests.e2e.examination import examine_shown

MUG = "/p/bothy-enamel-mug"
BANK = "/p/brick-power-bank"


def drawer_of(page: Page):
    return page.get_by_role("dialog", name="Your cart")


async def expect_focus(page: Page, words: str) -> None:
    """On what says just this, or on what says nothing and has an id that ends so."""
    await page.wait_for_function(
        "words => { const { textContent, id } = document.activeElement, said = textContent.trim();"
        " return said ? said === words : id.endsWith(words); }",
        arg=words,
    )


def add_button(page: Page):
    return page.get_by_role("button", name="Add to cart").filter(visible=True).first


async def test_the_drawer_is_worked_by_keyboard_and_gives_the_focus_back(visitor):
    await visitor.goto(BANK)
    await add_button(visitor).focus()
    await visitor.keyboard.press("Enter")
    drawer = drawer_of(visitor)
    await expect(drawer.locator(".line-item")).to_have_count(1)
    await expect_focus(visitor, "Your cart")
    await expect(drawer.locator("#cart-drawer-words")).to_contain_text("is in your cart. 1 article, €49.00")
    for _ in range(12):
        await visitor.keyboard.press("Tab")
        inside = await visitor.evaluate("document.getElementById('cart-drawer').contains(document.activeElement)")
        assert inside or await visitor.evaluate("document.activeElement === document.body")
    await drawer.get_by_role("button", name="One more").focus()
    await visitor.keyboard.press("Enter")
    await expect(drawer.locator(".subtotal")).to_contain_text("€98.00")
    await expect(drawer.locator("#cart-drawer-words")).to_contain_text("Your cart is up to date. 2 articles, €98.00")
    await expect_focus(visitor, "-more")
    await visitor.keyboard.press("Escape")
    await expect(drawer).to_be_hidden()
    await expect_focus(visitor, "Add to cart")
    await expect(visitor.locator("#cart-count")).to_contain_text("2")


async def test_what_was_removed_is_put_back_with_its_number(visitor):
    await visitor.goto(BANK)
    await add_button(visitor).click()
    drawer = drawer_of(visitor)
    await drawer.get_by_role("button", name="One more").click()
    await expect(drawer.locator(".subtotal")).to_contain_text("€98.00")
    await drawer.get_by_role("button", name="Remove").click()
    await expect(drawer).to_contain_text("Your cart is empty")
    await expect(visitor.locator("#cart-count")).to_be_hidden()
    undo = drawer.get_by_role("button", name="Undo")
    await expect(undo).to_be_focused()
    await undo.click()
    await expect(drawer.locator(".subtotal")).to_contain_text("€98.00")


async def test_clicking_on_while_an_answer_is_out_ends_at_the_last_number(visitor):
    await visitor.goto(BANK)
    await add_button(visitor).click()
    drawer = drawer_of(visitor)
    more = drawer.get_by_role("button", name="One more")
    for _ in range(4):
        await more.click()
        await visitor.wait_for_timeout(410)
    await expect(drawer.locator(".subtotal")).to_contain_text("€245.00")
    await expect(drawer.get_by_role("spinbutton")).to_have_value("5")


async def test_the_header_opens_the_cart_in_place_and_leads_to_it_without_scripts(visitor, new_visitor):
    await visitor.goto(MUG)
    await visitor.locator("[data-cart-link]").click()
    await expect(drawer_of(visitor)).to_contain_text("Your cart is empty")
    assert visitor.url.endswith(MUG)
    await visitor.get_by_role("button", name="Close the cart").click()
    await expect(drawer_of(visitor)).to_be_hidden()
    plain = await new_visitor(java_script_enabled=False)
    await plain.goto(MUG)
    await plain.locator("[data-cart-link]").click()
    await expect(plain.get_by_role("heading", level=1)).to_have_text("Your cart")


async def test_a_page_kept_for_everybody_gets_its_token_with_the_first_answer(visitor, new_visitor):
    for _ in range(2):  # the second visitor's page comes from the page cache
        page = await new_visitor()
        await page.goto(BANK)
        assert await page.locator("[name='csrf_token']").count() == 0
    await add_button(page).click()
    drawer = drawer_of(page)
    await expect(drawer.locator(".subtotal")).to_contain_text("€49.00")
    await page.keyboard.press("Escape")
    await add_button(page).click()
    await expect(drawer.locator(".subtotal")).to_contain_text("€98.00")


async def test_a_page_from_before_the_session_still_adds(visitor):
    """Another tab began the session: the first try lacks the token, and the page sends its wish again by itself."""
    await visitor.goto(BANK)
    other = await visitor.context.new_page()
    await other.goto(MUG)
    await add_button(other).click()
    await expect(drawer_of(other).locator(".line-item")).to_have_count(1)
    told: list[int] = []
    visitor.on("response", lambda answer: told.append(answer.status) if answer.request.method == "POST" else None)
    await add_button(visitor).click()
    await expect(drawer_of(visitor).locator(".line-item")).to_have_count(2)
    assert told == [403, 200]


async def test_more_than_there_is_is_told_beside_the_button_and_nothing_is_lost(visitor, shop):
    variants = shop.product("brick-power-bank")["variants"]
    for variant in variants:
        shop.count_stock(variant["id"], 3)
    try:
        await visitor.goto(BANK)
        await visitor.get_by_label("Quantity").fill("4")
        await visitor.evaluate("document.querySelector('form[action=\"/cart/lines\"]').noValidate = true")
        await add_button(visitor).click()
        form = visitor.locator('form[action="/cart/lines"]').first
        await expect(form.get_by_role("alert")).to_contain_text("only 3 of this article left")
        await expect(visitor.get_by_label("Quantity")).to_have_value("4")
        await expect(drawer_of(visitor)).to_be_hidden()
        await visitor.get_by_label("Quantity").fill("3")
        await add_button(visitor).click()
        drawer = drawer_of(visitor)
        await expect(drawer.locator(".line-item")).to_have_count(1)
        await drawer.get_by_role("button", name="One more").click()
        await expect(drawer.get_by_role("alert")).to_contain_text("only 3 of this article left")
        await expect(drawer.get_by_role("spinbutton")).to_have_value("3")
    finally:
        for variant in variants:
            shop.count_stock(variant["id"], 500)


async def test_back_brings_a_page_that_knows_the_cart(visitor):
    await visitor.goto("/")
    await visitor.goto(BANK)
    await add_button(visitor).click()
    await expect(drawer_of(visitor).locator(".line-item")).to_have_count(1)
    await visitor.go_back()
    await expect(visitor.locator("#cart-count")).to_contain_text("1")
    await visitor.locator("[data-cart-link]").click()
    await expect(drawer_of(visitor).locator(".line-item")).to_have_count(1)


async def test_the_open_drawer_is_accessible_in_both_looks(visitor):
    await visitor.goto(BANK)
    await add_button(visitor).click()
    await expect(drawer_of(visitor).locator(".line-item")).to_have_count(1)
    assert await examine_shown(visitor) == []
    await drawer_of(visitor).get_by_role("button", name="Remove").click()
    await expect(drawer_of(visitor).get_by_role("button", name="Undo")).to_be_focused()
    assert await examine_shown(visitor) == []
