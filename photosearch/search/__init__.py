"""From what a person typed to photos in the order of how well they answer it."""
