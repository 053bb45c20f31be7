"""The model that ships with PhotoSearch: heads on frozen towers, class prototypes, ConSE."""
