"""What surrounds the photos: the sidebar with folders, albums and searches, jobs, problems, the status line."""
