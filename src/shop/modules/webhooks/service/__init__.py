"""The use cases of webhooks, a file each."""
