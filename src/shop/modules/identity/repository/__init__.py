"""All SQL of identity.

Lock order within the module: the account's row first (`lock_*`), then whatever hangs on it. Whoever hands out a session or
a token holds that lock, so that a password reset, which ends them all, misses none that is being made at the same time.
"""
