"""From folders on disk to rows in the store: the scanner finds, the watcher hints, the pipeline works.

The engine imports `pipeline.Pipeline`, `watcher.Watcher` and `volume.volume_of`; no other part needs it.
"""
