"""Write demo/images anew."""

from pathlib import Path

from shop.modules.catalog.demo.drawing.gallery import drawings


def main() -> None:
    folder = Path(__file__).parents[1] / "images"
    folder.mkdir(exist_ok=True)
    written = dict(drawings())
    for path in folder.glob("*.svg"):
        if path.name not in written:
            path.unlink()
    for name, svg in written.items():
        (folder / name).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
