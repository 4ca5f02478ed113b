-- Of each kind the newest records of a file that stand in a state, and how many: what an overview asks for.
CREATE INDEX record_state ON record (org, file, kind, state, id);
