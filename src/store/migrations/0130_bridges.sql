-- Questions that nobody here can answer and the forum is asked, one row for each escalation. `leader`
-- is the escalation whose topic it waits for; `name` is our own name for the topic, which nobody can
-- guess; `round` counts the answers that were on their way to the customer.
CREATE TABLE bridges (
    escalation_id BIGINT PRIMARY KEY,
    state TEXT NOT NULL,
    source TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    name TEXT NOT NULL,
    automatic BIGINT NOT NULL DEFAULT 0,
    leader BIGINT,
    topic TEXT,
    url TEXT,
    answer_id TEXT,
    round BIGINT NOT NULL DEFAULT 0,
    trouble TEXT,
    tries BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    asked_at BIGINT,
    agreed_at BIGINT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX bridges_by_topic ON bridges (source, topic) WHERE topic IS NOT NULL;
CREATE INDEX bridges_by_state ON bridges (state, due_at);
CREATE INDEX bridges_by_leader ON bridges (leader) WHERE leader IS NOT NULL;
