BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'library','first_schema','2026-11-21 11:48:42.218874+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'library','facts_captions_albums','2026-11-21 15:15:31.990646+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'library','reasons_with_values','2026-11-28 21:34:12.402713+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'library','traditional_as_simplified','2026-11-29 01:30:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'library','history_of_changes','2026-11-29 09:10:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'library','indexes_of_many','2026-11-29 13:00:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'library','looks_of_pixels','2026-11-29 13:00:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'library','change_times','2026-11-29 18:00:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(9,'library','damaged_photos','2026-11-29 18:00:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(10,'library','sources_of_dates','2026-11-29 18:00:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(11,'library','versions_of_photos','2026-11-29 18:00:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(12,'library','files_beside_photos','2026-11-29 18:00:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(13,'library','towns_of_photos','2026-11-29 18:00:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(14,'library','notes_beside_photos','2026-11-29 18:00:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(15,'library','stacks_of_photos','2026-11-29 19:00:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(16,'library','tags_of_photos','2026-11-30 11:00:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(17,'library','moments_of_tags','2026-11-30 18:00:00.000000+00:00');
CREATE TABLE failures (
            path BLOB PRIMARY KEY,
            folder_id INTEGER NOT NULL REFERENCES folders ON DELETE CASCADE,
            stage TEXT NOT NULL,
            reason TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            first_at REAL NOT NULL,
            last_at REAL NOT NULL,
            retry_at REAL, -- NULL: wait until the file changes
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL
        , ctime_ns INTEGER);
INSERT INTO "failures" VALUES(X'2F70686F746F732F6261642E6A7067',1,'decode','{"template": "the file is truncated", "values": {}}',1,1.79526172225782251357e+09,1.79526172225782251357e+09,0.0,5,7,NULL);
CREATE TABLE files (
            file_id INTEGER PRIMARY KEY,
            folder_id INTEGER NOT NULL REFERENCES folders ON DELETE CASCADE,
            path BLOB NOT NULL UNIQUE,
            photo_id INTEGER NOT NULL REFERENCES photos,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL
        , place_id INTEGER REFERENCES places, ctime_ns INTEGER);
INSERT INTO "files" VALUES(1,1,X'2F70686F746F732F312E6A7067',1,1001,1700000000000000000,1,NULL);
INSERT INTO "files" VALUES(2,1,X'2F70686F746F732F322E6A7067',2,1002,1700000000000000000,1,NULL);
CREATE TABLE folders (
            folder_id INTEGER PRIMARY KEY,
            path BLOB NOT NULL UNIQUE,
            volume TEXT NOT NULL,
            away INTEGER NOT NULL DEFAULT 0
        , settled INTEGER NOT NULL DEFAULT 0);
INSERT INTO "folders" VALUES(1,X'2F70686F746F73','disk',0,2);
CREATE TABLE models (
            model INTEGER PRIMARY KEY,
            model_id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            dim INTEGER NOT NULL
        );
INSERT INTO "models" VALUES(1,'0123456789abcdef','tiny',8);
CREATE TABLE photos (
            photo_id INTEGER PRIMARY KEY AUTOINCREMENT,
            content_hash BLOB NOT NULL UNIQUE,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            format TEXT NOT NULL,
            taken_at TEXT,
            camera TEXT,
            dated_at TEXT NOT NULL, -- taken_at, else when the file was last written
            added_at REAL NOT NULL
        , facts_version INTEGER NOT NULL DEFAULT 0, lens TEXT, iso INTEGER, exposure_seconds REAL, f_number REAL, focal_length_mm REAL, latitude REAL, longitude REAL, altitude_metres REAL, rating INTEGER, keywords TEXT NOT NULL DEFAULT '', colour INTEGER, held INTEGER NOT NULL DEFAULT 1, shown TEXT GENERATED ALWAYS AS (printf('%08x%08x%08x%08x',
            CAST(replace(substr(dated_at, 1, 10), '-', '') AS INTEGER) & 0xffffffff, photo_id, width, height
            )) VIRTUAL, placed TEXT GENERATED ALWAYS AS (printf('%08x%08x%08x', photo_id,
            CAST(round((latitude + 90) * 1e7) AS INTEGER) & 0xffffffff,
            CAST(round((longitude + 180) * 1e7) AS INTEGER) & 0xffffffff)) VIRTUAL, turned INTEGER GENERATED ALWAYS AS ((height > width) - (height < width)) VIRTUAL, year INTEGER GENERATED ALWAYS AS (CAST(dated_at AS INTEGER)) VIRTUAL, damage TEXT, utc_offset TEXT, dated_from TEXT NOT NULL DEFAULT 'file', title TEXT, people TEXT NOT NULL DEFAULT '', own_facts TEXT, town_id INTEGER);
INSERT INTO "photos" (photo_id, content_hash, width, height, format, taken_at, camera, dated_at, added_at, facts_version, lens, iso, exposure_seconds, f_number, focal_length_mm, latitude, longitude, altitude_metres, rating, keywords, colour, held, damage, utc_offset, dated_from, title, people, own_facts, town_id) VALUES(1,X'3974FCA6B4C10BF5C3C3BE6A35F9E29FE3AF26D5',401,300,'JPEG','2024-05-01T10:00:00','Canon EOS R5','2024-05-01T10:00:00',1.79526172225752902035e+09,1,'RF 35mm',200,NULL,NULL,NULL,47.5,19.0,NULL,3,'cat
猫',66051,1,NULL,'+02:00','exif','Rusty','Ana',NULL,NULL);
INSERT INTO "photos" (photo_id, content_hash, width, height, format, taken_at, camera, dated_at, added_at, facts_version, lens, iso, exposure_seconds, f_number, focal_length_mm, latitude, longitude, altitude_metres, rating, keywords, colour, held, damage, utc_offset, dated_from, title, people, own_facts, town_id) VALUES(2,X'43209703812B805478EF8F080C9D2B4D11DD89EA',402,300,'JPEG','2025-05-01T10:00:00',NULL,'2025-05-01T10:00:00',1.79526172225769329073e+09,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'',NULL,1,NULL,NULL,'exif',NULL,'',NULL,NULL);
CREATE TABLE places (place_id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE);
INSERT INTO "places" VALUES(1,X'2F70686F746F732F');
CREATE TABLE settings (
            key TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) WITHOUT ROWID;
INSERT INTO "settings" VALUES('theme','dark');
CREATE TABLE vectors (
            model INTEGER NOT NULL REFERENCES models,
            photo_id INTEGER NOT NULL REFERENCES photos,
            bias REAL NOT NULL,
            vector BLOB NOT NULL, -- (D,) float16, little-endian
            UNIQUE (model, photo_id)
        );
INSERT INTO "vectors" VALUES(1,1,0.001,X'5E31613622310FB90737EE322BB48334');
INSERT INTO "vectors" VALUES(1,2,0.002,X'142BE4B0BBAFB6B936385B3517AE3E33');
CREATE TABLE captions (
            caption_id INTEGER PRIMARY KEY,
            photo_id INTEGER NOT NULL REFERENCES photos,
            source TEXT NOT NULL, -- 'person', 'imported' or 'embedded'
            text TEXT NOT NULL, -- of a person, '': the photo has none, whatever the others say
            written_at REAL NOT NULL,
            replaced_at REAL -- NULL: it holds
        );
INSERT INTO "captions" VALUES(1,1,'embedded','In the file',1.79527413201267075542e+09,NULL);
INSERT INTO "captions" VALUES(2,1,'person','Rusty',1.79527413201336884501e+09,1.79527413201362037653e+09);
INSERT INTO "captions" VALUES(3,1,'person','Rusty at Pelican Cove',1.79527413201362037653e+09,NULL);
INSERT INTO "captions" VALUES(4,2,'imported','海滩上的两只狗',1.79527413201383233068e+09,NULL);
CREATE TABLE favourites (photo_id INTEGER PRIMARY KEY REFERENCES photos, since REAL NOT NULL);
INSERT INTO "favourites" VALUES(2,1.7952741320141859054e+09);
CREATE TABLE ratings (
            photo_id INTEGER PRIMARY KEY REFERENCES photos,
            stars INTEGER NOT NULL,
            rated_at REAL NOT NULL
        );
INSERT INTO "ratings" VALUES(2,5,1.79527413201424241064e+09);
CREATE TABLE albums (
            album_id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            created_at REAL NOT NULL
        );
INSERT INTO "albums" VALUES(1,'Best',1.79527413201431679723e+09);
CREATE TABLE album_photos (
            album_id INTEGER NOT NULL REFERENCES albums ON DELETE CASCADE,
            position INTEGER NOT NULL,
            photo_id INTEGER NOT NULL REFERENCES photos,
            PRIMARY KEY (album_id, position)
        ) WITHOUT ROWID;
INSERT INTO "album_photos" VALUES(1,1,1);
INSERT INTO "album_photos" VALUES(1,0,2);
CREATE TABLE saved_searches (
            search_id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            text TEXT NOT NULL,
            created_at REAL NOT NULL
        );
INSERT INTO "saved_searches" VALUES(1,'Dogs','dogs date:2024',1.79527413201454472536e+09);
CREATE TABLE recent_searches (text TEXT PRIMARY KEY, searched_at REAL NOT NULL) WITHOUT ROWID;
INSERT INTO "recent_searches" VALUES('a cat',1.79527413201464605329e+09);
CREATE TABLE changes (
            change_id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL, -- of the things that were changed
            says TEXT NOT NULL, -- JSON: a sentence and its values
            states BLOB NOT NULL, -- JSON: of each thing its id, how it stood before and after; or the files
            made_at REAL NOT NULL,
            undone INTEGER NOT NULL DEFAULT 0
        );
INSERT INTO "changes" VALUES(1,'favourite','{"template":"{photos} added to Favourites","values":{"photos":{"template":"{n:,} photo","values":{"n":1}}}}',X'5B5B312C6E756C6C2C313730303030303030302E305D5D',1700000000.0,0);
CREATE VIRTUAL TABLE photo_words USING fts5 (caption, keywords, tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'");
INSERT INTO "photo_words" (rowid, caption, keywords) VALUES(1,'Rusty at Pelican Cove','cat   猫 ');
INSERT INTO "photo_words" (rowid, caption, keywords) VALUES(2,' 海  滩  上  的  两  只  狗 ','');
CREATE VIRTUAL TABLE file_words USING fts5 (name, tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'");
INSERT INTO "file_words" (rowid, name) VALUES(1,'1.jpg');
INSERT INTO "file_words" (rowid, name) VALUES(2,'2.jpg');
CREATE TABLE looks (
            photo_id INTEGER PRIMARY KEY REFERENCES photos,
            fingerprint INTEGER NOT NULL,
            miniature BLOB NOT NULL
        );
INSERT INTO "looks" VALUES(1,81985529216486895,X'000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF');
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX photos_by_date ON photos (dated_at, shown) WHERE held;
CREATE INDEX files_by_photo ON files (photo_id);
CREATE INDEX failures_by_folder ON failures (folder_id);
CREATE INDEX photos_by_facts_version ON photos (facts_version);
CREATE INDEX photos_by_camera ON photos (camera, year) WHERE held;
CREATE INDEX photos_by_format ON photos (format);
CREATE INDEX photos_by_place ON photos (latitude, longitude, placed) WHERE latitude IS NOT NULL;
CREATE INDEX photos_by_rating ON photos (rating) WHERE rating IS NOT NULL;
CREATE INDEX photos_by_arrival ON photos (added_at, shown) WHERE held;
CREATE INDEX photos_with_keywords ON photos (photo_id) WHERE keywords <> '';
CREATE INDEX files_by_folder ON files (folder_id, photo_id);
CREATE INDEX captions_by_photo ON captions (photo_id);
CREATE INDEX captions_of_words ON captions (photo_id) WHERE replaced_at IS NULL AND text <> '';
CREATE INDEX captions_of_none ON captions (photo_id) WHERE replaced_at IS NULL AND text = '';
CREATE UNIQUE INDEX captions_that_hold ON captions (photo_id, source)
            WHERE replaced_at IS NULL AND source <> 'imported';
CREATE UNIQUE INDEX albums_by_photo ON album_photos (photo_id, album_id);
CREATE TRIGGER file_words_go AFTER DELETE ON files
            BEGIN DELETE FROM file_words WHERE rowid = old.file_id; END;
CREATE INDEX photos_not_held ON photos (photo_id) WHERE NOT held;
CREATE INDEX photos_by_turn ON photos (turned);
CREATE INDEX files_by_place ON files (place_id, folder_id, photo_id);
CREATE TRIGGER file_comes AFTER INSERT ON files
            BEGIN UPDATE photos SET held = 1 WHERE photo_id = new.photo_id AND NOT held; END;
CREATE TRIGGER file_goes AFTER DELETE ON files
            WHEN NOT EXISTS (SELECT 1 FROM files WHERE photo_id = old.photo_id)
            BEGIN UPDATE photos SET held = 0 WHERE photo_id = old.photo_id; END;
CREATE TRIGGER file_changes AFTER UPDATE OF photo_id ON files WHEN new.photo_id <> old.photo_id
            BEGIN
                UPDATE photos SET held = 1 WHERE photo_id = new.photo_id;
                UPDATE photos SET held = 0 WHERE photo_id = old.photo_id
                AND NOT EXISTS (SELECT 1 FROM files WHERE photo_id = old.photo_id);
            END;
CREATE INDEX photos_damaged ON photos (photo_id) WHERE damage IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('photos',2);
INSERT INTO "sqlite_sequence" VALUES('albums',1);
INSERT INTO "sqlite_sequence" VALUES('changes',1);
INSERT INTO "sqlite_sequence" VALUES('saved_searches',1);
CREATE TABLE versions (
            photo_id INTEGER PRIMARY KEY REFERENCES photos,
            origin INTEGER NOT NULL, -- a photo's id, the same for all versions
            notes_went INTEGER NOT NULL DEFAULT 0 -- to another version, as no file holds this one
        );
CREATE TABLE gone (
            gone_id INTEGER PRIMARY KEY, -- the latest has the highest
            photo_id INTEGER NOT NULL UNIQUE REFERENCES photos,
            path BLOB NOT NULL
        );
CREATE INDEX versions_by_origin ON versions (origin);
CREATE INDEX gone_by_path ON gone (path);
CREATE TRIGGER photo_goes AFTER DELETE ON files
            WHEN NOT EXISTS (SELECT 1 FROM files WHERE photo_id = old.photo_id)
            BEGIN INSERT OR REPLACE INTO gone (photo_id, path) VALUES (old.photo_id, old.path); END;
CREATE TRIGGER photo_is_replaced AFTER UPDATE OF photo_id ON files
            WHEN new.photo_id <> old.photo_id
            AND NOT EXISTS (SELECT 1 FROM files WHERE photo_id = old.photo_id)
            BEGIN INSERT OR REPLACE INTO gone (photo_id, path) VALUES (old.photo_id, old.path); END;
CREATE TRIGGER photo_comes AFTER INSERT ON files
            BEGIN DELETE FROM gone WHERE photo_id = new.photo_id; END;
CREATE TRIGGER photo_comes_in_place AFTER UPDATE OF photo_id ON files
            BEGIN DELETE FROM gone WHERE photo_id = new.photo_id; END;
CREATE TABLE sidecars (
            file BLOB NOT NULL, -- path of the photo's
            path BLOB NOT NULL,
            folder_id INTEGER NOT NULL REFERENCES folders ON DELETE CASCADE,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            ctime_ns INTEGER,
            told TEXT NOT NULL, -- JSON, see Told
            PRIMARY KEY (file, path)
        ) WITHOUT ROWID;
CREATE INDEX sidecars_by_path ON sidecars (path);
CREATE INDEX sidecars_by_folder ON sidecars (folder_id);
CREATE TABLE towns (
            town_id INTEGER PRIMARY KEY, -- GeoNames'
            name TEXT NOT NULL, -- '' of a country, far from any town
            name_zh TEXT NOT NULL,
            country TEXT NOT NULL,
            country_zh TEXT NOT NULL,
            words TEXT NOT NULL -- all of these as folded() has them
        );
CREATE INDEX photos_by_town ON photos (town_id, held) WHERE latitude IS NOT NULL;
CREATE TABLE unwritten_notes (
            photo_id INTEGER PRIMARY KEY REFERENCES photos,
            changes INTEGER NOT NULL
        );
CREATE TABLE written_notes (
            path BLOB PRIMARY KEY,
            caption TEXT,
            rating INTEGER,
            caption_before TEXT,
            rating_before INTEGER
        ) WITHOUT ROWID;
CREATE TRIGGER caption_comes AFTER INSERT ON captions WHEN new.source <> 'embedded'
            BEGIN
                INSERT INTO unwritten_notes VALUES (new.photo_id, 1)
                ON CONFLICT (photo_id) DO UPDATE SET changes = changes + 1;
            END;
CREATE TRIGGER caption_goes AFTER UPDATE OF replaced_at ON captions WHEN new.source <> 'embedded'
            BEGIN
                INSERT INTO unwritten_notes VALUES (new.photo_id, 1)
                ON CONFLICT (photo_id) DO UPDATE SET changes = changes + 1;
            END;
CREATE TRIGGER rating_comes AFTER INSERT ON ratings 
            BEGIN
                INSERT INTO unwritten_notes VALUES (new.photo_id, 1)
                ON CONFLICT (photo_id) DO UPDATE SET changes = changes + 1;
            END;
CREATE TRIGGER rating_changes AFTER UPDATE ON ratings 
            BEGIN
                INSERT INTO unwritten_notes VALUES (new.photo_id, 1)
                ON CONFLICT (photo_id) DO UPDATE SET changes = changes + 1;
            END;
CREATE TRIGGER rating_goes AFTER DELETE ON ratings 
            BEGIN
                INSERT INTO unwritten_notes VALUES (old.photo_id, 1)
                ON CONFLICT (photo_id) DO UPDATE SET changes = changes + 1;
            END;
CREATE TRIGGER noted_file_comes AFTER INSERT ON files WHEN EXISTS (SELECT 1 FROM ratings WHERE photo_id = new.photo_id) OR EXISTS (
    SELECT 1 FROM captions WHERE photo_id = new.photo_id AND source <> 'embedded' AND replaced_at IS NULL)
            BEGIN
                INSERT INTO unwritten_notes VALUES (new.photo_id, 1)
                ON CONFLICT (photo_id) DO UPDATE SET changes = changes + 1;
            END;
CREATE TRIGGER noted_file_changes AFTER UPDATE OF photo_id, path ON files WHEN EXISTS (SELECT 1 FROM ratings WHERE photo_id = new.photo_id) OR EXISTS (
    SELECT 1 FROM captions WHERE photo_id = new.photo_id AND source <> 'embedded' AND replaced_at IS NULL)
            BEGIN
                INSERT INTO unwritten_notes VALUES (new.photo_id, 1)
                ON CONFLICT (photo_id) DO UPDATE SET changes = changes + 1;
            END;
CREATE TABLE stacks (
            photo_id INTEGER PRIMARY KEY REFERENCES photos,
            stack INTEGER NOT NULL,
            place INTEGER NOT NULL -- 0 is the best
        );
INSERT INTO "stacks" VALUES(1,0,0);
INSERT INTO "stacks" VALUES(2,0,1);
CREATE TABLE photo_tags (
            tag TEXT NOT NULL,
            photo_id INTEGER NOT NULL REFERENCES photos,
            PRIMARY KEY (tag, photo_id)
        ) WITHOUT ROWID;
CREATE INDEX photo_tags_by_photo ON photo_tags (photo_id);
CREATE TABLE tagged (photo_id INTEGER PRIMARY KEY REFERENCES photos, version INTEGER NOT NULL);
CREATE TABLE denied_tags (
            photo_id INTEGER NOT NULL REFERENCES photos,
            tag TEXT NOT NULL,
            PRIMARY KEY (photo_id, tag)
        ) WITHOUT ROWID;
CREATE TABLE listed_tags (
            tag TEXT NOT NULL UNIQUE,
            asked TEXT, -- JSON: texts, of the person's own; NULL: it is one that ships with the program
            off INTEGER NOT NULL
        );
INSERT INTO "photo_tags" VALUES('dog',1);
INSERT INTO "photo_tags" VALUES('dog',2);
INSERT INTO "photo_tags" VALUES('snow',1);
INSERT INTO "tagged" VALUES(1,7);
INSERT INTO "tagged" VALUES(2,7);
INSERT INTO "denied_tags" VALUES(2,'dog');
INSERT INTO "listed_tags" VALUES('Rusty','["a brown dog"]',0);
CREATE TABLE tag_moments (
            tag TEXT NOT NULL,
            photo_id INTEGER NOT NULL REFERENCES photos,
            at_ms INTEGER NOT NULL,
            PRIMARY KEY (tag, photo_id)
        ) WITHOUT ROWID;
INSERT INTO "tag_moments" VALUES('dog',1,3000);
COMMIT;
