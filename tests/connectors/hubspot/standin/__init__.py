"""A HubSpot of our own on 127.0.0.1: the limits, lags, caps, errors and oddities of the real one, without an account.

`account.py` is what an account holds and what its people do in it; `search.py`, `objects.py`, `extras.py` answer calls;
`wire.py` is the HTTP, with the faults a network has. Where HubSpot's documentation leaves a question open, the answer
that is worse for us was taken.
"""
