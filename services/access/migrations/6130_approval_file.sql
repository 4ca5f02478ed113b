-- The file that an approval is about, where its subject is another resource: its journal entries belong to that file's trail.
ALTER TABLE approval ADD COLUMN file UUID;
