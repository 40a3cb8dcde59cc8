"""identity: who is who. Accounts, passwords, sessions of pages, tokens of the API, links in mails.

owns      schema identity: accounts, roles, factors, sessions, tokens, OAuth, links in mails, addresses, consents
provides  Accounts, AccountLinks, AddressBook, EventSigners; for the kernel SessionStore and TokenVerifier
requires  nothing; runs every SignInStep (many) in the transaction of a sign-in, and asks every PersonalThings,
          PersonalData and ErasureHindrance (many) for what is held on a person
emits     AccountSignedUp, SignUpRepeated, EmailVerified, PasswordResetRequested, PasswordChanged, EmailChangeRequested,
          EmailChangeHindered, EmailChanged, StaffInvited, FactorsChanged, AccountClosed
consumes  nothing

Page slots: account.main on /account; its context is `account` (contracts.identity.Account). admin.customer on
/admin/customers/{id}, with the same context.

Session data: `cart` (the visitor's cart token), `orders` (ids of orders that a guest may see), `flashes` (the kernel's).

Gotchas: a password is hashed outside any transaction, in two threads, for it takes a tenth of a second and 64 MiB. What no
answer may tell is whether an address is known: unknown ones cost the same time and get the same words.
"""
