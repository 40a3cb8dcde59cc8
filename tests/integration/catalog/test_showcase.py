"""What the catalogue tells the home page: the newest goods, and how the telling about one begins."""

from uuid import uuid4

from shop.contracts.catalog import ProductId, Showcase
from shop.kernel.db import read
from shop.kernel.ports import port
from tests.factories.catalog import make_product

LONG = "The first sentence is short. The second one goes on for quite a while, about stitches and buckles and rain. "


async def openings(*ids):
    return await read(port(Showcase).openings, ids)


async def test_an_opening_is_text_of_whole_sentences(db):
    product = await make_product(description_html=f"<p>{LONG * 4}</p><ul><li>Steel &amp; wool</li></ul>")
    opening = (await openings(product.id))[product.id]
    assert opening == f"{LONG}{LONG}".strip()


async def test_a_short_description_is_told_whole(db):
    product = await make_product(description_html="<p>Steel &amp; wool.</p>")
    assert await openings(product.id) == {product.id: "Steel & wool."}


async def test_one_endless_sentence_is_cut_between_words(db):
    product = await make_product(description_html=f"<p>{'again and ' * 60}</p>")
    opening = (await openings(product.id))[product.id]
    assert len(opening) <= 241
    assert opening.endswith(("again…", "and…"))


async def test_nothing_is_told_of_what_has_no_description_or_is_not_there(db):
    silent = await make_product(description_html="")
    assert await openings(silent.id, ProductId(uuid4())) == {}
    assert await openings() == {}
