-- Ratings of one model, newest first; reservations of one reference.
CREATE INDEX rating_model ON rating (org, score_model, id);
CREATE INDEX reservation_reference ON reservation (org, reference, id);
