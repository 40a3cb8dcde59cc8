"""The use cases of payments, a file each."""
