-- What limits kept of submissions under way goes into the table `submission` (3222), its words under seal: found without a walk over
-- all limits. The column is only emptied from now on.
CREATE INDEX credit_limit_submission ON credit_limit (org) WHERE submission IS NOT NULL;
