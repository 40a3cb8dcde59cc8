"""Make the categories that products are sorted into, known by their paths."""

from collections.abc import Iterable
from uuid import UUID

from shop.contracts.catalog import CategoriesChanged
from shop.kernel.ids import new_id
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.repository import categories
from shop.modules.catalog.repository.categories import NewCategory
from shop.modules.catalog.rules import category_slug
from shop.modules.catalog.schemas import CategoryPath


async def upsert_category(uow: UnitOfWork, path: CategoryPath) -> UUID:
    """The id of the category at `path`, titles from the top down, made with those above it where they are missing."""
    return (await upsert_categories(uow, [path]))[category_slug(path)]


async def upsert_categories(uow: UnitOfWork, paths: Iterable[CategoryPath]) -> dict[str, UUID]:
    """Ids by slug for all `paths` and the categories above them. A title that is there already is left as it is."""
    wanted = {category_slug(path[:depth]): path[:depth] for path in paths for depth in range(1, len(path) + 1)}
    if not wanted:
        return {}
    ids = await categories.find_ids(uow, sorted(wanted))
    missing = {slug: path for slug, path in wanted.items() if slug not in ids}
    made: list[UUID] = []
    for depth in sorted({len(path) for path in missing.values()}):
        level = [
            NewCategory(new_id(), category_slug(path[:-1]), slug, path[-1], place)
            for place, (slug, path) in enumerate(missing.items())
            if len(path) == depth
        ]
        inserted = await categories.insert_level(uow, level)
        ids |= inserted
        made += inserted.values()
    if made:
        uow.emit(CategoriesChanged(category_ids=tuple(made)))
        uow.invalidate("categories")
    return ids
