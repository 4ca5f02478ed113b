-- Loans of before lent the paper of their file, which has the file's id.
INSERT INTO loan_item_copy (org, loan, item, file, borrower, due_at) SELECT org, id, file, file, borrower, due_at FROM loan_copy;
