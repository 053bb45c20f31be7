"""Teaching a trained model a person's own words, from a few dozen to a few thousand captions.

The command line imports `session.teach` and `lesson_training.Steering`; what is learnt is a lesson of
`photosearch.models.lesson`, and all else here serves it.
"""
