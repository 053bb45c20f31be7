"""Teaching the model one's own words: the dialog and its pages, and the words that were learnt."""
