"""The network: encoders, decoder and the three stages that a tracker calls."""
