"""The edge: everything between a socket and a module's handler, with no business words.

Order of a request: `gateway` (its `ORDER`: proxies, hosts, limits; a page from memory ends there) -> Litestar's routing ->
`access` (who; may they; how often; CSRF) -> the module's handler, which runs use cases through `kernel.db.write` and
`read` -> `errors` (one table from refusal to status) -> `exchange` (headers, ETag, compression).
"""
