"""One video, frame by frame."""
