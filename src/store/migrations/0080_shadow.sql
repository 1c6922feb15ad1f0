-- Whether people release what the bot would say on a channel: as the settings say, and as an
-- admin decided since (null: not yet).
ALTER TABLE channels ADD COLUMN starts_in_shadow BIGINT NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN shadow BIGINT;

-- A draft is due, but waits for somebody to release it.
ALTER TABLE outbox ADD COLUMN draft BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN released_by TEXT;
CREATE INDEX outbox_drafts ON outbox (id) WHERE draft = 1;

-- What people said of drafted answers: the precision of the bot before anybody heard it.
CREATE TABLE draft_verdicts (
    delivery_id BIGINT PRIMARY KEY,
    channel TEXT NOT NULL,
    is_right BIGINT NOT NULL,
    person TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX draft_verdicts_by_channel ON draft_verdicts (channel, at);
