"""All SQL of payments: intents, refunds, what providers told, and the books of the sandbox.

Gotcha: an answer that is being applied holds its payment and then wants the order (its same-transaction subscribers), so
whoever needs both locks the payments first. Two that are rare lock the order before: the calling-off of an expired order,
and a buyer's other way to pay. Where one of them meets an answer, PostgreSQL ends one of the two and it runs again; either
order of them ends right.
"""
