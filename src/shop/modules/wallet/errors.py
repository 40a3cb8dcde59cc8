"""What can be wrong with a wallet, a gift card or a withdrawal beyond what the contract says."""

from collections.abc import Sequence

from shop.kernel.errors import Conflict, NotFound
from shop.kernel.money import Money, format_money


class WalletOwnerNotFound(NotFound):
    code = "wallet_owner_not_found"
    title = "There is no such account, and so no wallet"


class WalletNotEmpty(Conflict):
    """Whose owner can't be forgotten yet."""

    code = "wallet_not_empty"
    title = "There is still money in the wallet"

    def __init__(self, balances: Sequence[Money]) -> None:
        named = " and ".join(format_money(each) for each in balances)
        super().__init__(
            f"{self.title}: {named}. Once it is spent, or we have paid it out (please ask us), the account can be closed.",
            balances=list(balances),
        )


class TransactionsUnderWay(Conflict):
    """Of a wallet whose owner can't be forgotten yet."""

    code = "transactions_under_way"
    title = "Something in the wallet is not settled yet: once it is, the account can be closed"


class GiftCardNotFound(NotFound):
    code = "gift_card_not_found"
    title = "There is no such gift card"


class GiftCardNotValid(Conflict):
    """The same answer for a code that was never issued, one that is spent, disabled or too old: a guess learns nothing."""

    code = "gift_card_not_valid"
    title = "This code is not valid, or its gift card has been used already"


class OwnWallet(Conflict):
    """Staff are customers too: but nobody has the goods and gives himself their money."""

    code = "own_wallet"
    title = "This is your own wallet: somebody else of the staff has to do this"


class WithdrawalDecided(Conflict):
    code = "withdrawal_decided"
    title = "This withdrawal has been decided already, or is being paid out at this moment"
