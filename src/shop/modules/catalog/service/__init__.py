"""Use cases of the catalogue: write products and categories, keep the read model, browse, edit."""
