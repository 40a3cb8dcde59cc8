"""backoffice: the staff shell.

owns      no tables: the dashboard, and the outbox as staff see it
provides  nothing; other modules put cards on the dashboard through the slot "admin.dashboard"
requires  nothing
emits     nothing
consumes  nothing
"""
