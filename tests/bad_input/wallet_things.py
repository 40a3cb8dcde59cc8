"""One of everything that is in a wallet, made by rows and brought back to how it was when a request has used it up. The rows
have no entries: nothing here asks whether the books balance."""

from uuid import UUID, uuid5

from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.gift_codes import digest_of
from shop.modules.wallet.rules import NAMESPACE, customer_account

PURCHASE_ID, HELD_ID, WITHDRAWAL_ID, CARD_ID = (
    uuid5(NAMESPACE, name) for name in ("purchase", "held", "withdrawal", "card")
)
CARD_ACCOUNT_ID = uuid5(NAMESPACE, "the account of a card")
CODE = "ABCD-EFGH-JKLM-NPQR"

_ACCOUNTS = text(
    """
    insert into wallet.account (id, kind, owner_id, currency, balance) values
        (:own, 'customer', :owner_id, 'EUR', 500000), (:card, 'gift_card', null, 'EUR', 5000)
    on conflict (id) do update set balance = excluded.balance
    """
)
_TRANSACTIONS = text(
    """
    insert into wallet.transaction (id, account_id, operation, amount, incoming, status, authority, settled_at) values
        (:purchase, :own, 'purchase', 90000, false, 'settled', 'staff', now()),
        (:held, :own, 'purchase', 700, false, 'pending', 'payments', null),
        (:withdrawal, :own, 'withdraw', 500, false, 'pending', 'customer', null)
    on conflict (id) do update set status = excluded.status, settled_at = excluded.settled_at, taken = null,
        reversed_amount = 0
    """
)
_CARD = text(
    """
    insert into wallet.gift_card (id, account_id, code_hash, hint, amount, currency)
    values (:id, :account_id, :code_hash, 'NPQR', 5000, 'EUR')
    on conflict (id) do update set disabled_at = null
    """
)


async def give_wallet(uow: UnitOfWork, customer: UUID) -> None:
    """To the customer money, a purchase, one that is held and a withdrawal that waits; to the shop a gift card."""
    own = customer_account(customer, "EUR")
    await sql(uow).execute(_ACCOUNTS, {"own": own, "owner_id": customer, "card": CARD_ACCOUNT_ID})
    made = {"own": own, "purchase": PURCHASE_ID, "held": HELD_ID, "withdrawal": WITHDRAWAL_ID}
    await sql(uow).execute(_TRANSACTIONS, made)
    await sql(uow).execute(_CARD, {"id": CARD_ID, "account_id": CARD_ACCOUNT_ID, "code_hash": digest_of(CODE)})
