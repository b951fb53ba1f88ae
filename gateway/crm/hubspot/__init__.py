"""HubSpot behind the connector port."""
