"""A catalogue of 1,000 products in one category, as a file for `shop import products --preset shop`."""

import csv
from pathlib import Path

from PIL import Image

CATEGORY = "bench"
PRODUCTS = 1000
STOCK = 100_000_000  # never sold out
COLOURS = ("Red", "Blue", "Green", "Sand", "Black")
MATERIALS = ("Steel", "Oak", "Linen", "Glass", "Wool", "Cork", "Clay", "Brass")
KINDS = ("lamp", "chair", "table", "basket", "vase", "blanket", "shelf", "mirror")
COLUMNS = (
    *("slug", "title", "description_html", "categories", "images", "sku", "price_eur", "stock", "weight_grams"),
    *("published_at", "attribute.Material", "attribute.Colour", "attribute.Made in"),
)
DESCRIPTION = "<p>" + "garden kitchen chair " * 20 + "</p>"


def write_catalogue(folder: Path) -> Path:
    """The file; the one picture of all products stands beside it."""
    Image.new("RGB", (600, 600), "#c8b8a4").save(folder / "picture.webp")
    path = folder / "products.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for i in range(1, PRODUCTS + 1):
            colour, material, kind = COLOURS[i % 5], MATERIALS[i % 8], KINDS[i // 8 % 8]
            title = f"{colour} {material.lower()} {kind} {i}"
            price = f"{(100 + i * 7919 % 20000) / 100:.2f}"
            published = f"2025-{1 + i % 12:02d}-{1 + i % 28:02d}"
            rows.writerow(
                (
                    *(f"bench-{i}", title, DESCRIPTION, "Bench", "picture.webp", f"BENCH-{i}", price, STOCK, 500),
                    *(published, material, colour, ("Portugal", "Sweden", "Japan")[i % 3]),
                )
            )
    return path
