"""Recipes as TOML files, and the shape of the bundled model's; `trainer.recipe.read_recipe` reads both."""
