"""A self-hosted online shop: one process, strict modules."""
