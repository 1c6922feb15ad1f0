-- One text for SQLite and PostgreSQL: BIGINT for every integer and truth value, milliseconds
-- since 1970 for every time, ids made by the application.

CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('escalation', 0), ('answers', 0);

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- One row per channel account that needs one; the row '*' stands for all channels.
CREATE TABLE channels (
    name TEXT PRIMARY KEY,
    paused BIGINT NOT NULL DEFAULT 0,
    held_until BIGINT,
    held_reason TEXT,
    stopped_reason TEXT,
    first_event_at BIGINT
);

CREATE TABLE cursors (
    channel TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (channel, name)
);

-- Who may do what only one process may do; see store/lease.rs.
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE customers (
    id BIGINT PRIMARY KEY,
    channel TEXT NOT NULL,
    external_id TEXT NOT NULL,
    name TEXT,
    lang TEXT,
    lang_chosen TEXT,
    stopped_at BIGINT,
    forget_asked_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (channel, external_id)
);

CREATE TABLE conversations (
    id BIGINT PRIMARY KEY,
    channel TEXT NOT NULL,
    external_id TEXT NOT NULL,
    customer_id BIGINT NOT NULL,
    address TEXT NOT NULL,
    address_expires_at BIGINT,
    place_id TEXT,
    state TEXT NOT NULL,
    owner_id BIGINT,
    closed_reason TEXT,
    greeted_at BIGINT,
    last_inbound_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    burst_since BIGINT,
    wake_at BIGINT,
    locked_until BIGINT NOT NULL DEFAULT 0,
    locked_by TEXT,
    tries BIGINT NOT NULL DEFAULT 0,
    UNIQUE (channel, external_id)
);
CREATE INDEX conversations_by_wake ON conversations (wake_at);
CREATE INDEX conversations_by_customer ON conversations (customer_id);

CREATE TABLE inbox (
    id BIGINT PRIMARY KEY,
    channel TEXT NOT NULL,
    event_key TEXT NOT NULL,
    conversation_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    text TEXT,
    channel_message_id TEXT,
    body TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    error TEXT,
    decision_id BIGINT,
    handled_at BIGINT,
    UNIQUE (channel, event_key)
);
CREATE INDEX inbox_by_conversation ON inbox (conversation_id, id);
CREATE INDEX inbox_new ON inbox (conversation_id, id) WHERE state = 'new';

CREATE TABLE decisions (
    id BIGINT PRIMARY KEY,
    conversation_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    question TEXT NOT NULL,
    lang TEXT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    line DOUBLE PRECISION NOT NULL,
    generation BIGINT NOT NULL,
    answer_ids TEXT NOT NULL,
    card TEXT NOT NULL,
    feedback TEXT,
    at BIGINT NOT NULL
);
CREATE INDEX decisions_by_conversation ON decisions (conversation_id, id);

CREATE TABLE outbox (
    id BIGINT PRIMARY KEY,
    conversation_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    cause TEXT NOT NULL,
    kind TEXT NOT NULL,
    part BIGINT NOT NULL,
    priority BIGINT NOT NULL,
    author TEXT,
    answer_id TEXT,
    decision_id BIGINT,
    payload TEXT NOT NULL,
    text TEXT NOT NULL,
    weight BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    sending_since BIGINT,
    settled_at BIGINT,
    channel_message_id TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (conversation_id, cause, kind, part)
);
CREATE INDEX outbox_open ON outbox (channel, due_at) WHERE state IN ('due', 'sending');
CREATE INDEX outbox_by_conversation ON outbox (conversation_id, id);
CREATE INDEX outbox_by_state ON outbox (state, id);

CREATE TABLE escalations (
    id BIGINT PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    conversation_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    question TEXT NOT NULL,
    lang TEXT NOT NULL,
    reason TEXT NOT NULL,
    decision_id BIGINT,
    state TEXT NOT NULL,
    priority BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    claimed_by BIGINT,
    claim_expires_at BIGINT,
    replied_at BIGINT,
    closed_at BIGINT,
    outcome TEXT,
    alerted_at BIGINT
);
CREATE INDEX escalations_by_state ON escalations (state, priority, id);
CREATE INDEX escalations_by_conversation ON escalations (conversation_id, state);

CREATE TABLE feedback (
    decision_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    answer_id TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (decision_id, customer_id)
);

CREATE TABLE answers (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    lang TEXT NOT NULL,
    title TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    author TEXT,
    author_url TEXT,
    asker TEXT,
    url TEXT,
    licence TEXT,
    product TEXT,
    tags TEXT NOT NULL,
    votes BIGINT NOT NULL,
    asked_at BIGINT,
    accepted_at BIGINT,
    sendable BIGINT NOT NULL,
    sendable_reason TEXT,
    sendable_by_hand BIGINT,
    helped BIGINT NOT NULL DEFAULT 0,
    refused BIGINT NOT NULL DEFAULT 0,
    state TEXT NOT NULL,
    hash TEXT NOT NULL,
    seq BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (source, source_id)
);
CREATE INDEX answers_by_seq ON answers (seq);

CREATE TABLE answer_history (
    answer_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (answer_id, seq)
);

-- Rows of a running import wait here; one last transaction applies them.
CREATE TABLE staged_answers (
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (source, source_id)
);

CREATE TABLE imports (
    source TEXT PRIMARY KEY,
    format TEXT NOT NULL,
    path TEXT NOT NULL,
    state TEXT NOT NULL,
    summary TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT
);

-- What the process that owns the index has reached, and work asked of it by other processes.
CREATE TABLE index_state (
    node TEXT PRIMARY KEY,
    generation BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL
);

CREATE TABLE index_work (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    progress TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE TABLE people (
    id BIGINT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password TEXT,
    langs TEXT NOT NULL,
    skills TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE sign_in_links (
    token_hash TEXT PRIMARY KEY,
    person_id BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    person_id BIGINT NOT NULL,
    csrf TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE api_tokens (
    token_hash TEXT PRIMARY KEY,
    person_id BIGINT NOT NULL,
    scope TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE chat_sessions (
    token_hash TEXT PRIMARY KEY,
    session TEXT NOT NULL UNIQUE,
    lang TEXT,
    created_at BIGINT NOT NULL
);

CREATE TABLE idempotency_keys (
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    answer TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (actor, key)
);

CREATE TABLE audit (
    id BIGINT PRIMARY KEY,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    at BIGINT NOT NULL
);
