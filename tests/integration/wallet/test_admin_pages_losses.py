"""What staff see of top-ups that banks took back: on the dashboard, in the books, in the wallet and of the transaction."""

from datetime import timedelta

import pytest

from shop.contracts.payments import DepositChargedBack
from shop.kernel.db import write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.modules.wallet.rules import taking_back
from shop.modules.wallet.service.charge_back import charge_back
from shop.modules.wallet.service.check_books import check_and_keep
from shop.modules.wallet.service.overview import LOSSES_TOLD_FOR
from shop.modules.wallet.service.settle import settle_deposit
from tests.conftest import as_owner
from tests.factories.identity import make_account, sign_in_browser
from tests.factories.wallet import make_wallet, move

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def boss(client):
    permissions = ("backoffice.view", "wallet.view", "wallet.adjust")
    account_id = await make_account("boss@shop.example", name="Boss", permissions=permissions)
    await sign_in_browser(client, account_id)
    return account_id


@pytest.fixture
async def ada(db):
    """She has spent 15.00 of the 20.00 that a bank took back."""
    account_id = await make_wallet()
    await take_back(account_id, spent=1500)
    return account_id


async def take_back(account_id, spent, ref="dp_1"):
    filled = await move(account_id, "deposit", 2000, by="customer")
    await write(settle_deposit, filled.id, "sandbox", Money(2000, "EUR"))
    if spent:
        await move(account_id, "purchase", spent)
    await write(charge_back, DepositChargedBack(new_id(), filled.id, ref, "sandbox", 2000, "EUR"))


async def test_the_dashboard_points_at_a_loss_for_thirty_days(boss, ada, look):
    assert "€15.00 lost to disputed top-ups in 30 days" in await look("/admin")
    age = LOSSES_TOLD_FOR + timedelta(minutes=1)
    as_owner(f"update wallet.transaction set created_at = now() - interval '{age.total_seconds()} s'")
    assert "disputed top-ups" not in await look("/admin")


async def test_where_nothing_was_lost_the_dashboard_says_nothing(boss, look):
    await take_back(await make_wallet(), spent=0)
    assert "disputed top-ups" not in await look("/admin")


async def test_the_dashboard_points_at_withdrawals_to_decide(boss, look, withdrawals_on):
    account_id = await make_wallet(2000)
    await move(account_id, "withdraw", 500, by="customer")
    assert "1 withdrawal to decide" in await look("/admin")


async def test_the_books_name_losses_in_plain_words_and_list_what_was_taken_back(boss, ada, look):
    await check_and_keep()
    seen = await look("/admin/ledger")
    assert "Lost by the shop to disputes €15.00" in seen
    assert "Taken back by banks" in seen
    assert "€20.00 €5.00 €15.00" in seen


async def test_books_without_any_have_no_list_of_them(boss, look):
    await make_wallet(1000)
    assert "Taken back by banks" not in await look("/admin/ledger")


async def test_the_wallet_and_the_transaction_tell_staff_of_the_loss(boss, ada, look, client):
    assert "the shop lost €15.00" in await look(f"/admin/wallets/{ada}")
    page = f"/admin/wallets/{ada}/transactions/{taking_back('sandbox', 'dp_1')}"
    seen = await look(page)
    assert "Dispute dp_1, lost: €20.00" in seen
    assert "Lost by the shop €15.00" in seen
    assert "Lost by the shop to disputes" in seen
    assert "/reversals" not in (await client.get(page)).text


async def test_customers_read_what_was_taken_and_why_and_nothing_of_the_shops_loss(client, ada, look):
    await take_back(ada, spent=2000, ref="dp_2")
    await sign_in_browser(client, ada)
    seen = await look("/account/wallet")
    assert "Taken back by your bank" in seen
    assert "The payment that filled your wallet was disputed" in seen
    assert "nothing of it was left to take" in seen
    assert "the shop lost" not in seen
