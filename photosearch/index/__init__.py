"""From folders on disk to rows in the store: scanner, pipeline and watcher."""
