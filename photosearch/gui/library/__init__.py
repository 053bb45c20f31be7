"""What surrounds the photos: the sidebar (folders, albums, searches), jobs, problems, the status line."""
