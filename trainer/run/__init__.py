"""One training run: batches, the loop, validation, the run's folder, and the model that it publishes.

Import `train.train` to run one and `run_folder` to read one; bundled borrows `schedule` and `state`.
"""
