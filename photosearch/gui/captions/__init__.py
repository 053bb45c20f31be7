"""Captioning photo after photo, with one's own words completed while typing."""
