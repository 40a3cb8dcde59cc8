"""Draws the demo catalogue's pictures: `python -m shop.modules.catalog.demo.drawing` writes demo/images anew."""
