"""SQL of authorization codes, and of the sign-in that one grows out of."""

from datetime import datetime
from uuid import UUID

import msgspec

from shop.contracts.identity import AccountId
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository.rows import first_row, run


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """With the questions that Authlib asks of it (`authlib.oauth2.rfc6749.AuthorizationCodeMixin`)."""

    hashed: bytes
    client_id: str
    account_id: AccountId
    redirect_uri: str
    scopes: tuple[str, ...]
    code_challenge: str
    methods: tuple[str, ...]
    strong: bool
    signed_in_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    family_id: UUID | None = None

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return " ".join(self.scopes)


class SignInOf(msgspec.Struct, frozen=True):
    """How the owner of a session signed in."""

    methods: tuple[str, ...]
    strong: bool
    signed_in_at: datetime


async def find_sign_in(uow: UnitOfWork, account_id: UUID, session_id: UUID) -> SignInOf | None:
    """None when the session or token family has ended. The caller holds the account, so that it can't end meanwhile."""
    row = await first_row(
        uow,
        """
        select methods, strong, signed_in_at from identity.session where id = :id and account_id = :account_id
        union all
        select methods, strong, signed_in_at from identity.token_family where id = :id and account_id = :account_id
        """,
        {"id": session_id, "account_id": account_id},
    )
    return None if row is None else SignInOf(tuple(row.methods), row.strong, row.signed_in_at)


async def add_code(uow: UnitOfWork, code: Code, now: datetime) -> None:
    await run(
        uow,
        """
        insert into identity.oauth_code (token_hash, client_id, account_id, redirect_uri, scopes, code_challenge,
            methods, strong, signed_in_at, created_at, expires_at)
        values (:hashed, :client_id, :account_id, :redirect_uri, :scopes, :code_challenge, :methods, :strong,
            :signed_in_at, :now, :expires_at)
        """,
        {**msgspec.structs.asdict(code), "scopes": list(code.scopes), "methods": list(code.methods), "now": now},
    )


async def lock_code(uow: UnitOfWork, hashed: bytes) -> Code | None:
    """Used or not, expired or not; its account is locked, and it itself."""
    owner = await first_row(
        uow, "select account_id from identity.oauth_code where token_hash = :hash", {"hash": hashed}
    )
    if owner is None:
        return None
    await run(uow, "select from identity.account where id = :id for no key update", {"id": owner.account_id})
    row = await first_row(
        uow,
        "select client_id, account_id, redirect_uri, scopes, code_challenge, methods, strong, signed_in_at, expires_at,"
        " used_at, family_id from identity.oauth_code where token_hash = :hash for update",
        {"hash": hashed},
    )
    if row is None:
        return None
    return Code(
        hashed=hashed,
        client_id=row.client_id,
        account_id=row.account_id,
        redirect_uri=row.redirect_uri,
        scopes=tuple(row.scopes),
        code_challenge=row.code_challenge,
        methods=tuple(row.methods),
        strong=row.strong,
        signed_in_at=row.signed_in_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        family_id=row.family_id,
    )


async def use_code(uow: UnitOfWork, hashed: bytes, now: datetime) -> None:
    await run(
        uow, "update identity.oauth_code set used_at = :now where token_hash = :hash", {"hash": hashed, "now": now}
    )


async def note_family(uow: UnitOfWork, hashed: bytes, family_id: UUID) -> None:
    """What the code was exchanged for."""
    await run(
        uow,
        "update identity.oauth_code set family_id = :family_id where token_hash = :hash",
        {"hash": hashed, "family_id": family_id},
    )
