"""The card of the network that comes with the code: what is known of its file, made of records alone."""
