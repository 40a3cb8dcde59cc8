"""The manifest of identity."""

from shop.contracts.identity import (
    AccountClosed,
    AccountLinks,
    Accounts,
    AccountSignedUp,
    AddressBook,
    EmailChanged,
    EmailChangeHindered,
    EmailChangeRequested,
    EmailVerified,
    ErasureHindrance,
    EventSigners,
    FactorsChanged,
    PasswordChanged,
    PasswordResetRequested,
    PersonalData,
    PersonalThings,
    SignInStep,
    SignUpRepeated,
    StaffInvited,
)
from shop.kernel.http.principals import TokenVerifier
from shop.kernel.http.sessions import SessionStore
from shop.kernel.manifest import AccountLink, Manifest
from shop.modules.identity import admin, api, commands, jobs, models, pages, ports
from shop.modules.identity.service.person import IdentityShare

MANIFEST = Manifest(
    name="identity",
    provides={
        Accounts: ports.AccountDirectory(),
        AccountLinks: ports.MailLinks(),
        AddressBook: ports.DatabaseAddresses(),
        EventSigners: ports.ProgramSigners(),
        SessionStore: ports.DatabaseSessions(),
        TokenVerifier: ports.ApiTokens(),
    },
    provides_many={PersonalData: {"identity": IdentityShare()}},
    requires_many=(SignInStep, PersonalThings, PersonalData, ErasureHindrance),
    emits=(
        AccountSignedUp,
        SignUpRepeated,
        EmailVerified,
        PasswordResetRequested,
        PasswordChanged,
        EmailChangeRequested,
        EmailChangeHindered,
        EmailChanged,
        StaffInvited,
        FactorsChanged,
        AccountClosed,
    ),
    routes=(*api.ROUTES, *pages.ROUTES, *admin.ROUTES),
    jobs=jobs.JOBS,
    commands=commands.COMMANDS,
    scopes={
        "profile.read": "See your name and e-mail address",
        "profile.write": "Change your name",
        "addresses.read": "See your address book",
        "addresses.write": "Change your address book",
    },
    permissions={
        "staff.view": "See who runs the shop and what they may do",
        "staff.manage": "Invite staff, give and take roles",
        "clients.manage": "Let programs of others use the shop in the name of customers and staff",
        "customers.view": "See customers and their data",
        "customers.manage": "Sign customers out, export, close and erase their accounts",
    },
    admin_links=admin.LINKS,
    account_links=(
        AccountLink("Overview", "/account", order=10),
        AccountLink("Addresses", "/account/addresses", order=30),
        AccountLink("Signing in", "/account/security", order=40),
        AccountLink("Devices", "/account/devices", order=50),
        AccountLink("Your data", "/account/privacy", order=90),
        AccountLink("Programs", "/account/programs", order=60),
    ),
    metadata=models.METADATA,
)
