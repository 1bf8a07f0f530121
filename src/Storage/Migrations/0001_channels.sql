-- Numbers are never used twice: an encoder may still hold the number of a channel that was deleted.
CREATE TABLE channels (
    number          INTEGER PRIMARY KEY AUTOINCREMENT CHECK (number BETWEEN 1 AND 2147483646),
    id              TEXT    NOT NULL UNIQUE,
    name            TEXT    NOT NULL,
    title           TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    is_private      INTEGER NOT NULL,
    refuses_takeover INTEGER NOT NULL,
    secret_salt     BLOB    NOT NULL,
    secret_hash     BLOB    NOT NULL
) STRICT;

CREATE TABLE watch_tokens (
    id          TEXT    NOT NULL,
    channel_id  TEXT    NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    label       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    salt        BLOB    NOT NULL,
    hash        BLOB    NOT NULL,
    PRIMARY KEY (channel_id, id)
) STRICT;

CREATE TABLE operator_token (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    salt  BLOB NOT NULL,
    hash  BLOB NOT NULL
) STRICT;
