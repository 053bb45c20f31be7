"""One training run: batches, the loop, validation, the run's folder, and the model that it publishes."""
