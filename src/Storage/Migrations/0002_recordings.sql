-- Null follows the node's default.
ALTER TABLE channels ADD COLUMN records INTEGER;

-- No reference to channels: the files of a deleted channel must still be found to be deleted.
CREATE TABLE recordings (
    id          TEXT    PRIMARY KEY,
    channel_id  TEXT    NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    state       INTEGER NOT NULL,
    reason      TEXT    NOT NULL,
    clip_of     TEXT
) STRICT;

CREATE INDEX recordings_by_channel ON recordings (channel_id, id);
CREATE INDEX recordings_by_state ON recordings (state);

CREATE TABLE recording_parts (
    recording_id TEXT    NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    number       INTEGER NOT NULL,
    started_at   INTEGER NOT NULL,
    state        INTEGER NOT NULL,
    duration_ms  INTEGER NOT NULL,
    size         INTEGER NOT NULL,
    gaps         INTEGER NOT NULL,
    tracks       TEXT    NOT NULL,
    is_uploaded  INTEGER NOT NULL,
    is_local     INTEGER NOT NULL,
    PRIMARY KEY (recording_id, number)
) STRICT;

CREATE TABLE recording_uploads (
    recording_id TEXT    NOT NULL,
    number       INTEGER NOT NULL,
    upload_id    TEXT    NOT NULL,
    piece_size   INTEGER NOT NULL,
    pieces       TEXT    NOT NULL,
    PRIMARY KEY (recording_id, number),
    FOREIGN KEY (recording_id, number) REFERENCES recording_parts (recording_id, number) ON DELETE CASCADE
) STRICT;
