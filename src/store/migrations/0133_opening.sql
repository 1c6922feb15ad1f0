-- Gaps look at the questions of the last 90 days.
CREATE INDEX escalations_by_opening ON escalations (opened_at);
