-- The entries of one actor and those of one kind, in the order of the journal, which is the order in which they are listed. The index
-- that the first takes the place of goes last: what takes it away stops readers too.
CREATE INDEX journal_entry_actor_seq ON journal_entry (org, actor, seq) WHERE seq IS NOT NULL;
CREATE INDEX journal_entry_action ON journal_entry (org, action, seq) WHERE seq IS NOT NULL;
DROP INDEX journal_entry_actor;
