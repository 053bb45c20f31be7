"""What is written in photos: lines of text found and read by two small models that ship with the program."""
