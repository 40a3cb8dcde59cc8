"""The whole catalogue as a file that imports to the same catalogue: the shop's own format, read by the preset `shop`."""
