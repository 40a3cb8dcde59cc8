"""The authenticator app: codes of six digits that change every thirty seconds (TOTP, RFC 6238), each good once.

The secret is sealed for its account. A code of the step before or after counts too, for clocks go wrong.
"""

import hmac
from datetime import datetime
from typing import Final
from uuid import UUID

import pyotp

from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.http.sessions import Principal
from shop.kernel.sealing import seal, unseal
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import FactorExists, WrongCode
from shop.modules.identity.repository import factors
from shop.modules.identity.service.factors import change_of_factors
from shop.modules.identity.service.sessions import hold

PURPOSE: Final = "authenticator app"
STEP_SECONDS: Final = 30
DIGITS: Final = 6
WINDOW: Final = (0, -1, 1)


async def begin_app(uow: UnitOfWork, owner: Principal) -> None:
    """A fresh secret, which is worth nothing until `confirm_app`. Raises NotSignedIn, FactorExists."""
    held = await hold(uow, owner)
    secret = seal(PURPOSE, pyotp.random_base32().encode(), held.account_id.bytes)
    if not await factors.set_totp(uow, held.account_id, secret, clock.now()):
        raise FactorExists


async def find_unconfirmed_secret(uow: UnitOfWork, account_id: UUID) -> str | None:
    """In base 32, to be shown to its owner."""
    stored = await factors.find_totp(uow, account_id)
    if stored is None or stored.confirmed:
        return None
    return unseal(PURPOSE, stored.secret, account_id.bytes).decode()


async def confirm_app(uow: UnitOfWork, owner: Principal, code: str) -> tuple[str, ...]:
    """The app has shown that it knows the secret: from now on it is asked for. Returns recovery codes to be shown, none
    when there are some already. Raises WrongCode, FactorExists, NotSignedIn."""
    account_id = owner.account_id
    async with change_of_factors(uow, owner, "app_added") as change:
        stored = await factors.find_totp(uow, account_id)
        if stored is not None and stored.confirmed:
            raise FactorExists
        if not await _use_code(uow, account_id, code, confirmed=False):
            raise WrongCode
        await factors.set_totp_confirmed(uow, account_id, clock.now())
        return await change.codes_for_the_first()


async def remove_app(uow: UnitOfWork, owner: Principal) -> None:
    """Raises LastFactor, NotSignedIn. Without effect where there is none."""
    async with change_of_factors(uow, owner, "app_removed"):
        await factors.delete_totp(uow, owner.account_id)


async def use_code(uow: UnitOfWork, account_id: UUID, code: str) -> bool:
    """Whether it is the app's code of about now, which nobody has used before."""
    return await _use_code(uow, account_id, code, confirmed=True)


def app_uri(email: str, secret: str) -> str:
    """What the QR code says to an app."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=settings().name)


async def _use_code(uow: UnitOfWork, account_id: UUID, typed: str, *, confirmed: bool) -> bool:
    code = "".join(typed.split())
    stored = await factors.find_totp(uow, account_id)
    if stored is None or stored.confirmed != confirmed or len(code) != DIGITS or not code.isascii():
        return False
    secret = unseal(PURPOSE, stored.secret, account_id.bytes).decode()
    step = matching_step(secret, code, clock.now())
    return step is not None and await factors.use_step(uow, account_id, stored.secret, step, confirmed=confirmed)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The step of which it is the code. All are compared, so that the time taken tells nothing."""
    app, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    found = [
        present + offset
        for offset in WINDOW
        if hmac.compare_digest(app.generate_otp(present + offset).encode(), code.encode())
    ]
    return found[0] if found else None
