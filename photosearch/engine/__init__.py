"""The one process that writes a library, and how faces talk to it. Importing the package itself is free."""
