"""Files of photos with their vectors, as they came in."""

from collections.abc import Iterator

import msgspec
import numpy as np

from photosearch.core.errors import Sentence
from photosearch.core.photo import FACTS_VERSION, Facts, Look
from photosearch.store.facts import COLUMNS, facts_of
from photosearch.store.read_connection import ReadConnection
from photosearch.store.rows import IndexedFile

_CHUNK = 256  # rows read at a time, each with its thumbnail


class EmbeddedReader(ReadConnection):
    """Reads what indexing wrote of files."""

    def embedded(self, model_id: str) -> Iterator[IndexedFile]:
        """Every file of a photo, not of a video, that has a vector of this model and present facts; by path.

        Facts are those of the file itself, without what stands beside it. `colour` is empty where it is not
        known, and so is `look`.
        """
        after = b""
        while rows := self._rows(
            f"""SELECT folder_id, files.path, size, mtime_ns, ctime_ns, content_hash, own_facts, colour,
                damage, bias, vector, jpeg, fingerprint, miniature, text, {COLUMNS}
            FROM files CROSS JOIN photos USING (photo_id)
            CROSS JOIN vectors USING (photo_id) CROSS JOIN thumbs.thumbnails USING (content_hash)
            LEFT JOIN looks USING (photo_id)
            LEFT JOIN captions ON captions.photo_id = photos.photo_id
                AND source = 'embedded' AND replaced_at IS NULL
            WHERE files.path > ? AND model = (SELECT model FROM models WHERE model_id = ?)
            AND facts_version = ? AND photos.photo_id NOT IN (SELECT photo_id FROM videos)
            ORDER BY files.path LIMIT ?""",  # noqa: S608  (a constant)
            after,
            model_id,
            FACTS_VERSION,
            _CHUNK,
        ):
            for row in rows:
                folder, path, size, mtime_ns, ctime_ns, content_hash, own, colour, damage, *more = row
                bias, vector, jpeg, fingerprint, miniature, caption, *columns = more
                yield IndexedFile(
                    folder_id=folder,
                    path=path,
                    size=size,
                    mtime_ns=mtime_ns,
                    content_hash=content_hash,
                    facts=msgspec.json.decode(own, type=Facts) if own else facts_of(columns, caption),
                    colour=b"" if colour is None else colour.to_bytes(3, "big"),
                    vector=np.frombuffer(vector, "<f2").astype(np.float16),
                    bias=bias,
                    thumbnail=jpeg,
                    ctime_ns=ctime_ns,
                    look=None if miniature is None else Look(fingerprint, miniature),
                    damage=msgspec.json.decode(damage, type=Sentence) if damage else None,
                )
            after = rows[-1][1]
