-- Staff are told by a webhook, by mail, or both: each keeps its own account of what it has told.
ALTER TABLE escalations ADD COLUMN mailed_at BIGINT;
ALTER TABLE incidents ADD COLUMN mailed_at BIGINT;
