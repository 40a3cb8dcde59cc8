"""storefront: the pages that belong to no single noun.

owns      no tables: the home page, the static pages, the footer's links, and what machines read: robots.txt, the
          sitemap, the web app manifest, the shop's JSON-LD
provides  nothing; other modules put sections on the home page through the slot "home.below_products"
requires  Showcase (the newest products), Addresses (which pages there are)
emits     nothing
consumes  nothing
"""
