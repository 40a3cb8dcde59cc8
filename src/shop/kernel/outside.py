"""Modules from outside: installed packages whose manifest stands in the entry-point group `shop.modules`.

    [project.entry-points."shop.modules"]
    bestsellers = "shop_bestsellers.module:MANIFEST"

What they bring in folders (templates, static files, migrations) is found here, wherever the package is installed.
"""

import re
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

from shop.kernel.manifest import Manifest

GROUP: Final = "shop.modules"
TAKEN: Final = {"kernel", "public", "information_schema"}
"""Schemas that are somebody else's; those of the shop's own modules are looked after in `wiring.py`."""


class BrokenModule(Exception):
    """A package from outside can't be loaded; the message names it and says how to start without it."""


@lru_cache(maxsize=1)
def outside_manifests() -> tuple[Manifest, ...]:
    """In the order of their entry points' names. Raises BrokenModule."""
    return tuple(_loaded(entry) for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name))


def _loaded(entry: EntryPoint) -> Manifest:
    package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value
    try:
        manifest = entry.load()
    except Exception as error:
        raise BrokenModule(
            f"the package {package} brings a module that can't be loaded: {error!r}. Mend or uninstall it."
        ) from error
    if not isinstance(manifest, Manifest):
        raise BrokenModule(f"the package {package}: {entry.value} is no Manifest. Mend or uninstall it.")
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,40}", manifest.name) or manifest.name in TAKEN:
        raise BrokenModule(
            f"the package {package}: {manifest.name!r} can't be a module's name, which is also its schema's. Choose"
            " another of small letters, digits and underscores."
        )
    return manifest


def outside_folders(name: str) -> dict[str, Path]:
    """By module: its folder called `name`, where there is one. Raises BrokenModule."""
    folders = {each.name: each.folder / name for each in outside_manifests() if each.folder is not None}
    return {module: folder for module, folder in folders.items() if folder.is_dir()}
