-- Documents of a kind: the files that hold one, newest first, and all of them, as registers go over them (P-105, P-104).
CREATE INDEX document_kind_file ON document (org, kind, file);
CREATE INDEX document_kind_all ON document (org, kind, id);
