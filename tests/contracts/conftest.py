"""Providers to hold against their contract."""

from tests.fakes.paypal_api.process import paypal, paypal_process
from tests.fakes.stripe_stand_in import stripe, stripe_process

__all__ = ["paypal", "paypal_process", "stripe", "stripe_process"]
