"""A guest signs in: what was chosen before and what the account had kept become one cart."""

from typing import Any, Final

from shop.contracts.cart import CartNotFound, CartToken
from shop.contracts.identity import AccountId
from shop.kernel.uow import UnitOfWork
from shop.modules.cart import repository
from shop.modules.cart.rules import MAX_LINES, checked_token

SESSION_KEY: Final = "cart"


def cart_in(session: dict[str, Any]) -> CartToken | None:
    """The cart that this session's visitor holds, if any; it may be closed or gone by now."""
    try:
        return checked_token(session.get(SESSION_KEY))
    except CartNotFound:
        return None


async def merge_carts(uow: UnitOfWork, account_id: AccountId, session: dict[str, Any]) -> None:
    """`session` names the account's cart afterwards. A guest's cart in another currency stays what it is: adding up euros
    and dollars is nobody's wish."""
    token = cart_in(session)
    carts = await repository.lock_for_merge(uow, token, account_id)
    guests = next((cart for cart in carts if cart.token == token and cart.account_id is None), None)
    accounts = next((cart for cart in carts if cart.account_id == account_id), None)
    if guests and accounts and guests.currency != accounts.currency:
        return
    if guests and accounts:
        await repository.pour_cart(uow, guests.id, accounts.id, MAX_LINES)
    elif guests:
        await repository.give_cart(uow, guests.id, account_id)
    merged = accounts or guests
    if merged:
        session[SESSION_KEY] = merged.token
    else:
        session.pop(SESSION_KEY, None)


class CartSignInStep:
    """Implements `contracts.identity.SignInStep`."""

    async def when_signed_in(self, uow: UnitOfWork, account_id: AccountId, session: dict[str, Any]) -> None:
        await merge_carts(uow, account_id, session)
