"""Where photos were taken, on a map that needs no network."""
