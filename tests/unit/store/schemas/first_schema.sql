BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'library','first_schema','2026-11-21 11:48:42.218874+00:00');
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
        );
INSERT INTO "failures" VALUES(X'2F70686F746F732F6261642E6A7067',1,'decode','the file is truncated',1,1.79526172225782251357e+09,1.79526172225782251357e+09,NULL,5,7);
CREATE TABLE files (
            file_id INTEGER PRIMARY KEY,
            folder_id INTEGER NOT NULL REFERENCES folders ON DELETE CASCADE,
            path BLOB NOT NULL UNIQUE,
            photo_id INTEGER NOT NULL REFERENCES photos,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL
        );
INSERT INTO "files" VALUES(1,1,X'2F70686F746F732F312E6A7067',1,1001,1700000000000000000);
INSERT INTO "files" VALUES(2,1,X'2F70686F746F732F322E6A7067',2,1002,1700000000000000000);
CREATE TABLE folders (
            folder_id INTEGER PRIMARY KEY,
            path BLOB NOT NULL UNIQUE,
            volume TEXT NOT NULL,
            away INTEGER NOT NULL DEFAULT 0
        );
INSERT INTO "folders" VALUES(1,X'2F70686F746F73','disk',0);
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
        );
INSERT INTO "photos" VALUES(1,X'3974FCA6B4C10BF5C3C3BE6A35F9E29FE3AF26D5',401,300,'JPEG','2024-05-01T10:00:00',NULL,'2024-05-01T10:00:00',1.79526172225752902035e+09);
INSERT INTO "photos" VALUES(2,X'43209703812B805478EF8F080C9D2B4D11DD89EA',402,300,'JPEG','2025-05-01T10:00:00',NULL,'2025-05-01T10:00:00',1.79526172225769329073e+09);
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
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX photos_by_date ON photos (dated_at, photo_id, width, height);
CREATE INDEX files_by_folder ON files (folder_id);
CREATE INDEX files_by_photo ON files (photo_id);
CREATE INDEX failures_by_folder ON failures (folder_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('photos',2);
COMMIT;
