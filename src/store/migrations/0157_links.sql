-- One person on several channels, proven with a one-time code: identities of one circle are one
-- person's. What each of them said and was told stays its own, so that a link can be undone.
CREATE TABLE link_codes (
    code_hash TEXT PRIMARY KEY,
    customer_id BIGINT NOT NULL,
    conversation_id BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Codes that were tried and are none.
CREATE TABLE link_tries (
    customer_id BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX link_tries_by_customer ON link_tries (customer_id, at);

CREATE TABLE identities (
    customer_id BIGINT PRIMARY KEY,
    circle_id BIGINT NOT NULL,
    conversation_id BIGINT NOT NULL,
    linked_at BIGINT NOT NULL
);
CREATE INDEX identities_by_circle ON identities (circle_id);
