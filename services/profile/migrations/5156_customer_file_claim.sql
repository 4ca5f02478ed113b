-- Open files and drafts of a unit, contested or not: what holds a unit is asked whenever a file is made. The token comes first: with the
-- kind in front it would serve where only contested drafts are walked.
CREATE INDEX customer_file_claim ON customer_file (org, unit_ref_token, unit_kind) WHERE state <> 'closed';
