"""webhooks: events between the shop and programs of others.

owns      schema webhooks: which events from outside were received
provides  nothing
requires  EventSigners
emits     nothing of its own; what programs send, of the types that other modules accept
consumes  nothing

An event from outside is on the bus by the commit that notes its id, before its sender hears 202: it has one effect, however
often it comes. docs/events.md tells its sender how.
"""
