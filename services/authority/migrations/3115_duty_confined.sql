-- A duty that its subject's own author must not learn of (I10): only holders of the post that owes it see it, and never the
-- person who is barred. It may name a second file, which is shown to those of them who may see that one too.
ALTER TABLE duty ADD COLUMN barred UUID;
ALTER TABLE duty ADD COLUMN other UUID;
