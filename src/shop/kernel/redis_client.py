"""Valkey or Redis behind its URL: wake-ups, pub/sub and counters, all of which may be lost at any time."""

import redis
import redis.asyncio

from shop.kernel.config import settings

RedisError = redis.RedisError
NoScript = redis.exceptions.NoScriptError
PREFIX = "shop:"

_clients: dict[str, redis.asyncio.Redis] = {}


def client() -> redis.asyncio.Redis:
    """The process's client; one connection pool, made on first use, short timeouts because nothing may hang on it."""
    if "main" not in _clients:
        _clients["main"] = redis.asyncio.Redis.from_url(
            settings().redis_url, socket_timeout=2, socket_connect_timeout=2, health_check_interval=15
        )
    return _clients["main"]


def pubsub_client() -> redis.asyncio.Redis:
    """A client whose connections wait as long as it takes for the next message."""
    if "pubsub" not in _clients:
        _clients["pubsub"] = redis.asyncio.Redis.from_url(settings().redis_url, socket_connect_timeout=2)
    return _clients["pubsub"]


def channel(name: str) -> str:
    """Pub/sub knows no databases: shops that share a server by database numbers must not hear each other."""
    number = client().connection_pool.connection_kwargs.get("db") or 0
    return f"{PREFIX}{number}:{name}"


def blocking_client() -> redis.Redis:
    """For Dramatiq, which is not asynchronous."""
    return redis.Redis.from_url(settings().redis_url, socket_connect_timeout=2, health_check_interval=15)


async def close_clients() -> None:
    for each in _clients.values():
        await each.aclose()
    _clients.clear()
