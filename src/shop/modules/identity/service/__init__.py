"""The use cases of identity. Passwords come in as hashes: hashing takes too long to hold a transaction open.

Whoever hands out a session or a token, or changes how to sign in, holds the account's row; see `repository`.
"""
