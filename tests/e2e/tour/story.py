"""The names in the story, shared by those who play it and by who watches."""

from __future__ import annotations

#: A deal that reaches the vendor, and one the vendor's CRM refuses because of its contact's address.
NEW_DEAL = "Harrowgate Observatory"
REFUSED_DEAL = "Tansy and Loom Weavers"
REFUSED_MAIL = "owner@gmail.com"
#: A deal that is only half written when the client is killed.
HALF_DEAL = "Pellucid Optics"
HALF_TITLE = "Lens hall sensors, half wr"

#: Edited on both sides in different fields.
MERGED = "Kestrel Foods"
MERGED_NUMBER = "0417"
RIVAL = "Arrowmesh Continental"
VENDOR_STEP = "Ingrid sends the rack drawings."
#: Edited on both sides in the same field.
CLASHED = "Meridian Rail"
CLASHED_NUMBER = "0409"
MY_STEP = "Second demo with the night shift."
THEIR_STEP = "Contract review with procurement first."
#: Withdrawn offline while the vendor has begun to review it.
STALE = "Ledbury Homes"
STALE_NUMBER = "0433"
#: Moved to another company; the word stands nowhere else.
REVOKED = "Castellane Hotels"
REVOKED_NUMBER = "0419"
REVOKED_WORD = "quillwortmarsh"

REQUEST = "Spare rails for the Observatory rack"
REQUEST_TEXT = "The rack came without its rails; the photo shows the bay."
MESSAGE = "Could you confirm the delivery slot on the mezzanine floor?"
SELF_MADE = "Ingrid has booked the survey van."
PROBLEM = "The dome's cameras lose their link whenever the shutters move at night."

FIELD_DEALS = ("Thornwick Lighthouse Trust", "Ardnish Ferry Company")
COMPANIES = ("Brightwater IT Ltd", "Calder & Rowe Networks")
