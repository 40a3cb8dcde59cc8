"""Throughput and memory of the shop, measured beside the bare framework in the same run: `python -m bench`."""
