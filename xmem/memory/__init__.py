"""Working and long-term memory."""
