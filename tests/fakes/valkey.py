"""A Valkey that drops its subscribers, as one that restarts does."""

from shop.kernel.redis_client import client


async def cut_subscriptions() -> None:
    """Those of this test worker's own database: the others' go on undisturbed."""
    mine = (await client().client_info())["db"]
    for each in await client().client_list(_type="pubsub"):
        if int(each["db"]) == int(mine):
            await client().client_kill_filter(_id=each["id"])
