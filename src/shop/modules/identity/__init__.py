"""identity: who is who. Accounts, passwords, sessions of pages, tokens of the API, links in mails.

owns      schema identity: account, session, api_token, mail_link
provides  Accounts, AccountLinks; for the kernel SessionStore and TokenVerifier
requires  nothing; runs every SignInStep (many) in the transaction of a sign-in
emits     AccountSignedUp, SignUpRepeated, EmailVerified, PasswordResetRequested, PasswordChanged, EmailChangeRequested,
          EmailChangeHindered, EmailChanged, StaffInvited, FactorsChanged
consumes  nothing

Page slots: account.main on /account; its context is `account` (contracts.identity.Account).

Session data: `cart` (the visitor's cart token), `orders` (ids of orders that a guest may see), `flashes` (the kernel's).

Gotchas: a password is hashed outside any transaction, in two threads, for it takes a tenth of a second and 64 MiB. What no
answer may tell is whether an address is known: unknown ones cost the same time and get the same words.
"""
