"""Teaching a trained model a person's own words, from a few dozen to a few thousand captions."""
