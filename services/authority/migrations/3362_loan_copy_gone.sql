-- Each item that is out is known by itself.
DROP TABLE loan_copy;
