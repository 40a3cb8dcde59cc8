"""catalog: what is for sale, and how it is found.

Owns products, variants, options, typed attributes, the category tree, images, and the read model behind every list:
cards (one per product and currency), their categories, ready-made totals and facets, and the search index.
Provides Variants and Showcase. Requires Prices and Stock. Emits ProductsChanged and CategoriesChanged.
Consumes its own ProductsChanged, PricesChanged and AvailabilityChanged: each makes the cards concerned anew.
"""
