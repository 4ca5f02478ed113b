-- An entry is written twice, when it happens and when it gets its number, and every index of the row is written with it.
-- So an entry without number stands in those two indexes only that find it; the others take it with its number.
DROP INDEX journal_entry_seq;
DROP INDEX journal_entry_topic;
DROP INDEX journal_entry_subject;
DROP INDEX journal_entry_actor;
DROP INDEX journal_entry_time;
CREATE UNIQUE INDEX journal_entry_seq ON journal_entry (org, seq) WHERE seq IS NOT NULL;
CREATE INDEX journal_entry_topic ON journal_entry (org, topic, seq) WHERE seq IS NOT NULL;
CREATE INDEX journal_entry_subject ON journal_entry (org, subject, seq) WHERE seq IS NOT NULL AND subject <> topic;
CREATE INDEX journal_entry_actor ON journal_entry (org, actor, time) WHERE seq IS NOT NULL;
CREATE INDEX journal_entry_time ON journal_entry (org, time) WHERE seq IS NOT NULL;
