"""storefront: the pages that belong to no single noun.

owns      no tables: the home page, the static pages, the footer's links, robots.txt
provides  nothing; other modules put sections on the home page through the slot "home.below_products"
requires  Showcase (the newest products)
emits     nothing
consumes  nothing
"""
