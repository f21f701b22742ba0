"""What is run: composition, datasets, clocks and run folders. Entry points are `python -m benchmarks.<name>`."""
