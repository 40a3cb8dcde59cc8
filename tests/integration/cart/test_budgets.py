"""How many statements the cart itself sends; what it asks of other modules is theirs to answer for."""

from tests.factories.cart import CARTS, add_line, make_cart


async def test_opening_a_cart_is_one_statement(client, goods, record_statements):
    with record_statements() as sent:
        await make_cart(client)
    assert len(sent) == 1


async def test_adding_a_line_is_two_statements(client, goods, record_statements):
    mug = goods.add()
    cart = await make_cart(client, (goods.add(), 1))
    with record_statements() as sent:
        await add_line(client, cart["id"], mug, 1)
    assert len(sent) == 2


async def test_showing_a_cart_and_its_shipping_methods_is_one_statement_each(client, goods, record_statements):
    cart = await make_cart(client, (goods.add(), 1), (goods.add(), 2))
    with record_statements() as shown:
        await client.get(f"{CARTS}/{cart['id']}")
    with record_statements() as methods:
        await client.get(f"{CARTS}/{cart['id']}/shipping-methods?country=DE")
    assert (len(shown), len(methods)) == (1, 1)
