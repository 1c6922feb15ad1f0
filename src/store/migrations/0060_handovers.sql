-- What is put aside, passed on, and which answer a person chose.
ALTER TABLE escalations ADD COLUMN snoozed_until BIGINT;
ALTER TABLE escalations ADD COLUMN skill TEXT;
ALTER TABLE escalations ADD COLUMN note TEXT;
ALTER TABLE escalations ADD COLUMN topics TEXT NOT NULL DEFAULT '';
ALTER TABLE escalations ADD COLUMN answer_id TEXT;
ALTER TABLE escalations ADD COLUMN own_words TEXT;
CREATE INDEX escalations_by_customer ON escalations (customer_id, id);
CREATE INDEX escalations_by_decision ON escalations (decision_id);
