"""The OAuth 2.0 server: Authlib's grants and endpoints decide, what stands here stores and signs for them.

`server` joins them and lets them wait for the database, `request` is what they read, `grants` and `endpoints` are their
hooks; `authorization` is the question that a person answers, `clients` who may ask it, `metadata` how programs find all
this. docs/adr/0018-oauth-server.md says why it is built so.
"""
