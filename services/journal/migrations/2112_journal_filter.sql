-- The entries of one actor and those of one kind, in the order of the journal, which is the order in which they are listed.
DROP INDEX journal_entry_actor;
CREATE INDEX journal_entry_actor ON journal_entry (org, actor, seq) WHERE seq IS NOT NULL;
CREATE INDEX journal_entry_action ON journal_entry (org, action, seq) WHERE seq IS NOT NULL;
