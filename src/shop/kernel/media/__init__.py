"""Product pictures: kept under names that tell what a page must know of them, and made smaller ahead of being asked for.

names.py        what a name says: size in pixels, tint, and which sizes of it there may be
store.py        checks and keeps what comes in
tints.py        the colour shown in a picture's place until it is there
derivatives.py  AVIF and WebP in a ladder of widths

Gotcha: a name is computed from the content, so the same picture is kept once and a name never changes its picture;
whoever holds a picture's URL (a card, a cart, an order of last year) knows its size and tint without asking anybody.
"""
