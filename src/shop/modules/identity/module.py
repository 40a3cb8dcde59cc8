"""The manifest of identity."""

from shop.contracts.identity import (
    AccountLinks,
    Accounts,
    AccountSignedUp,
    EmailVerified,
    PasswordChanged,
    PasswordResetRequested,
    SignInStep,
    SignUpRepeated,
)
from shop.kernel.http.sessions import SessionStore, TokenVerifier
from shop.kernel.manifest import Manifest
from shop.modules.identity import api, commands, jobs, models, pages, ports

MANIFEST = Manifest(
    name="identity",
    provides={
        Accounts: ports.AccountDirectory(),
        AccountLinks: ports.MailLinks(),
        SessionStore: ports.DatabaseSessions(),
        TokenVerifier: ports.ApiTokens(),
    },
    requires_many=(SignInStep,),
    emits=(AccountSignedUp, SignUpRepeated, EmailVerified, PasswordResetRequested, PasswordChanged),
    routes=(*api.ROUTES, *pages.ROUTES),
    jobs=jobs.JOBS,
    commands=commands.COMMANDS,
    metadata=models.METADATA,
)
