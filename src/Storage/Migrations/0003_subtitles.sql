-- Language tags with a space between them.
ALTER TABLE channels ADD COLUMN subtitles TEXT NOT NULL DEFAULT '';
ALTER TABLE channels ADD COLUMN has_closed_captions INTEGER NOT NULL DEFAULT 0;
