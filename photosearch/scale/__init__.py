"""Embedding at scale: folders, lists, shards and buckets into Parquet by way of Ray Data, and back.

The command line takes `embed.embed`; `parts` writes and reads the Parquet. The engine takes `rows` and
`frames`, and starts `python -m photosearch.scale`, which reads Parquet for it, as that may be anybody's. Only
in this room are Ray and Arrow imported, the extra `scale`.
"""
