-- Gaps that many asked about at once. `text` is what everybody who waits reads once; empty says it in
-- the bot's own words.
CREATE TABLE incidents (
    id BIGINT PRIMARY KEY,
    gap_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    n BIGINT NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    noticed_at BIGINT NOT NULL,
    alerted_at BIGINT,
    changed_at BIGINT NOT NULL
);
CREATE INDEX incidents_by_state ON incidents (state, id);
CREATE INDEX incidents_by_gap ON incidents (gap_id, changed_at);

CREATE TABLE incident_told (
    incident_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    PRIMARY KEY (incident_id, customer_id)
);
