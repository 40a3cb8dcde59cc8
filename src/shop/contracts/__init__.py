"""What the system can say: one file per module is that module's whole public face.

Data (frozen structs), questions and commands (Protocols), refusals (errors), facts (events). Nothing else.
"""
