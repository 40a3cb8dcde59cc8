"""Providers to hold against their contract."""

from tests.fakes.stripe_stand_in import stripe, stripe_process

__all__ = ["stripe", "stripe_process"]
