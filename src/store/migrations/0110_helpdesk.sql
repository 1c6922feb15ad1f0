-- Escalations in the help desk the brand has: what it is to be told, and what it calls them.
CREATE TABLE helpdesk_events (
    id BIGINT PRIMARY KEY,
    escalation_id BIGINT NOT NULL,
    cause TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    since BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (escalation_id, cause)
);
CREATE INDEX helpdesk_events_due ON helpdesk_events (due_at) WHERE state = 'due';
CREATE INDEX helpdesk_events_by_state ON helpdesk_events (state, id);

CREATE TABLE helpdesk_tickets (
    escalation_id BIGINT PRIMARY KEY,
    ticket TEXT NOT NULL UNIQUE
);

-- What the brand told us about a customer, as a JSON object.
CREATE TABLE customer_attributes (
    customer_id BIGINT PRIMARY KEY,
    body TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
