"""What the partner's key is wrapped with; the director opens the store with it afterwards."""

from __future__ import annotations

PASSPHRASE = "seven lamps by the harbour"
