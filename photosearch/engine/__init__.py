"""The one process that writes a library, and how faces talk to it.

Faces import `client.Client`, and the command line also what runs an engine within itself. Importing the
package itself is free.
"""
