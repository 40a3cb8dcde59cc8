"""What every module stands on and no module owns: no business words live here.

Read `manifest.py` (what a module declares), `uow.py` and `db.py` (one transaction), `bus.py` and `outbox.py`
(facts, made durable), `http/` (the edge).
"""
