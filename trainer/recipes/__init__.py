"""Recipes as TOML files, and the shape of the bundled model's."""
