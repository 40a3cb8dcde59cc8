"""The edge: everything between a socket and a module's handler, with no business words.

Order of a request: `gateway` (request id, host, page cache, log, metrics) -> Litestar's routing -> `access` (who may;
CSRF for pages) -> the module's handler, which runs use cases through `kernel.db.write` and `read` -> `errors` (one table
from refusal to status).
"""
