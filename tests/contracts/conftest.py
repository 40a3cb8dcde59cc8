"""Providers to hold against their contract."""

from tests.fakes.stripe_api.process import stripe_fake, stripe_fake_process
from tests.fakes.stripe_api.receiver import shop_endpoint
from tests.fakes.stripe_stand_in import stripe, stripe_process

__all__ = ["shop_endpoint", "stripe", "stripe_fake", "stripe_fake_process", "stripe_process"]
