-- Duties in order of their due time: all, those of one person, those about one thing.
CREATE INDEX duty_due_all ON duty (org, due_at, id);
CREATE INDEX duty_assignee ON duty (org, assignee, due_at, id) WHERE assignee IS NOT NULL;
CREATE INDEX duty_subject ON duty (org, subject, due_at, id);
