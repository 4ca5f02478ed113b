-- What a loan is for has two answers: the label of the pack that its grant was given for, and the words. Where a hand-out before
-- gave no words the label stands for them too: the ledger is not rewritten.
ALTER TABLE loan ADD COLUMN purpose TEXT NOT NULL DEFAULT '';
UPDATE loan SET purpose = COALESCE((SELECT r.purpose FROM access_grant g
                                        JOIN access_request r ON r.org = g.org AND r.id = g.access_request
                                        WHERE g.org = loan.org AND g.id = loan.grant_id), '');
