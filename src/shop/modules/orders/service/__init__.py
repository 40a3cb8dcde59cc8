"""The use cases of orders, a file each."""
