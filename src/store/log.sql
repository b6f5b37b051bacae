-- The log, written by hand: drizzle cannot say STRICT and knows no triggers. Regenerating drizzle/
-- never touches this file.
--
-- Positions are dense because SQLite gives the next row one more than the highest there is. That
-- holds for plain inserts only: AUTOINCREMENT, OR IGNORE and ON CONFLICT DO NOTHING burn numbers.
CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  event_id TEXT NOT NULL UNIQUE,
  stream_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  type TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  correlation_id TEXT NOT NULL,
  causation_id TEXT,
  payload BLOB NOT NULL,
  leaf_hash BLOB NOT NULL,
  UNIQUE (stream_id, version)
) STRICT
--> statement-breakpoint
CREATE INDEX events_by_time ON events (recorded_at)
--> statement-breakpoint
CREATE INDEX events_by_type ON events (type)
--> statement-breakpoint
CREATE INDEX events_by_actor ON events (actor)
--> statement-breakpoint
CREATE INDEX events_by_correlation ON events (correlation_id)
--> statement-breakpoint
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END
--> statement-breakpoint
-- INSERT OR REPLACE deletes without firing delete triggers, so it is refused before it begins.
CREATE TRIGGER events_are_never_replaced BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE position = NEW.position)
  OR EXISTS (SELECT 1 FROM events WHERE event_id = NEW.event_id)
  OR EXISTS (SELECT 1 FROM events WHERE stream_id = NEW.stream_id AND version = NEW.version)
BEGIN SELECT RAISE(ABORT, 'an event is never replaced'); END
--> statement-breakpoint
CREATE TRIGGER events_leave_by_the_archive_alone BEFORE DELETE ON events
WHEN OLD.position > (SELECT archived_through FROM log_head)
BEGIN SELECT RAISE(ABORT, 'an event leaves by the archive alone'); END
--> statement-breakpoint
INSERT INTO log_head (id, archived_through) VALUES (1, 0)
