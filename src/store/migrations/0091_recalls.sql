-- An answer that is taken back from everyone who got it. `state` is `offered`, `running`, `done` or
-- `dismissed`; `cursor` is the last conversation that was gone through.
CREATE TABLE recalls (
    id BIGINT PRIMARY KEY,
    answer_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    actor TEXT,
    offered_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    cursor BIGINT NOT NULL DEFAULT 0,
    n_left_alone BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX recalls_by_state ON recalls (state, id);
CREATE INDEX recalls_by_answer ON recalls (answer_id, state);

-- Rows of the outbox that change an earlier message instead of sending a new one, as JSON.
CREATE TABLE amendments (
    delivery_id BIGINT PRIMARY KEY,
    body TEXT NOT NULL
);

CREATE INDEX outbox_by_answer ON outbox (answer_id, conversation_id) WHERE answer_id IS NOT NULL;
CREATE INDEX outbox_of_recalls ON outbox (cause) WHERE kind = 'recall';
