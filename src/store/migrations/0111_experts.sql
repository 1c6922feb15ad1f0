-- Experts on their own channels: proven accounts, questions offered to them, words to be reviewed.
CREATE TABLE expert_codes (
    code_hash TEXT PRIMARY KEY,
    person_id BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE expert_links (
    person_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    customer_id BIGINT NOT NULL UNIQUE,
    conversation_id BIGINT NOT NULL,
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, channel)
);

CREATE TABLE expert_pages (
    escalation_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (escalation_id, person_id)
);
CREATE INDEX expert_pages_by_time ON expert_pages (at);

CREATE TABLE expert_drafts (
    id BIGINT PRIMARY KEY,
    escalation_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX expert_drafts_by_escalation ON expert_drafts (escalation_id, state);
CREATE INDEX escalations_by_owner ON escalations (claimed_by, state);
