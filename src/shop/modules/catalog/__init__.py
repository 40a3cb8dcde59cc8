"""catalog: what is for sale, and how it is found.

owns      products, variants, options, typed attributes, the category tree, images; and the read model behind every
          list: cards (one per product and currency), their categories, ready-made totals and facets, the search index
provides  Variants, Showcase, Addresses; its share of PersonalData (who began an import)
requires  Prices, Stock
emits     ProductsChanged, CategoriesChanged
consumes  ProductsChanged, PricesChanged, AvailabilityChanged: each makes the cards concerned anew
"""
