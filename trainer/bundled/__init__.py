"""The model that ships with PhotoSearch: heads on frozen towers, then the towers' ends, prototypes and ConSE.

The command line imports `training.train_bundled`; the other modules are its stages.
"""
