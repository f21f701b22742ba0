"""Looking through datasets and checkpoints for all that is not as it should be."""
