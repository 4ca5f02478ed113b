-- Requests and loans of one state, newest first.
CREATE INDEX access_request_state ON access_request (org, state, id);
CREATE INDEX loan_state ON loan (org, state, id);
-- Approvals of one matter, newest first.
CREATE INDEX approval_matter ON approval (org, matter, id);
