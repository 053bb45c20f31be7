"""Teaching the model one's own words: the dialog and its pages, and the words that were learnt.

`teach_controller.TeachController` adds all of it to a window; only app imports from here.
"""
