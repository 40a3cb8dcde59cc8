"""The payment providers that come with the shop. Network calls happen here and only here."""
