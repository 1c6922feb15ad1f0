-- What customers asked when an answer helped them, masked: words by which it may be found.
CREATE TABLE phrasings (
    id BIGINT PRIMARY KEY,
    answer_id TEXT NOT NULL,
    decision_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    text TEXT NOT NULL,
    how TEXT NOT NULL,
    word TEXT,
    at BIGINT NOT NULL,
    UNIQUE (answer_id, decision_id)
);
CREATE INDEX phrasings_by_customer ON phrasings (customer_id);
CREATE INDEX phrasings_by_decision ON phrasings (decision_id);
