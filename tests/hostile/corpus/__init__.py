"""
What the service must survive, by kind. Data only: `tests/hostile/attacks.py` aims it.

Bodies and values are bytes as they go over the wire, because most of them no library would write.
"""
