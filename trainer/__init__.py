"""Makes PhotoSearch's models: data, losses, training, evaluation. The program never imports it."""
