"""Training from scratch on drawn clips: `trainer` is the loop, `rollout` what it differentiates."""
