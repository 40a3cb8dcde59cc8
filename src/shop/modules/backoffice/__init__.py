"""backoffice: the staff shell.

owns      the audit log, which is only ever added to; the dashboard, and the outbox as staff see it
provides  the kernel's AuditTrail, its share of PersonalData; other modules put cards on the dashboard through the slots
          "admin.attention" (what waits for somebody, on top) and "admin.dashboard"
requires  Accounts (identity), for the names of those who did something
emits     nothing
consumes  nothing
"""
