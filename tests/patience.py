"""How long a test waits for what comes from another thread or process: as long as a busy machine may take.

A test that passes waits no longer than it has to; only one that fails waits so long.
"""

#: Seconds after which something is taken not to come any more.
PATIENCE = 30.0
