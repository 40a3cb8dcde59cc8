"""A stateful fake of Stripe's API for fault tests: a process of its own whose books survive kill -9.

`process.StripeFake` runs it and asks it; `server` speaks the API; each resource is a file of its own; `control` does what
Stripe's dashboard, buyers and banks do; `faults` and `deliveries` make the network and the webhooks misbehave.
"""
