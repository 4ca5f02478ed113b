-- Loans of before lent the paper of their file. Pages that nobody counted were kept as 0, on both sides.
INSERT INTO loan_item (org, id, loan, file, item, place, material, copies, pages, condition, returned_copies, returned_pages, inspected,
                       differences, restored_location, returned_at)
    SELECT org, id, id, file, file, 0, material, copies, CASE WHEN pages > 0 THEN pages END, condition, returned_copies,
           CASE WHEN pages > 0 OR returned_pages > 0 THEN returned_pages END, inspected, differences, restored_location, returned_at
    FROM loan;
