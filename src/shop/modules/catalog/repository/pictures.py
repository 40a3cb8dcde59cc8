"""SQL of pictures whose smaller sizes are to be made."""

from collections.abc import Sequence

from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork

# Served by ix_image_unsized, which holds only these.
_UNSIZED = text("select distinct name from catalog.image where sized_at is null order by name limit :limit")
_SIZED = text("update catalog.image set sized_at = now() where name = any(:names) and sized_at is null")


async def find_unsized(uow: UnitOfWork, limit: int) -> list[str]:
    """Names of the kernel's media store; a picture of several products once."""
    return list((await sql(uow).execute(_UNSIZED, {"limit": limit})).scalars())


async def mark_sized(uow: UnitOfWork, names: Sequence[str]) -> None:
    await sql(uow).execute(_SIZED, {"names": list(names)})
