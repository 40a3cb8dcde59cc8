"""The parts of the shop. No module imports another: they talk through `shop.contracts`."""
