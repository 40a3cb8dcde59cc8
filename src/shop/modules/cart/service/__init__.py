"""The cart's use cases, a file each."""
