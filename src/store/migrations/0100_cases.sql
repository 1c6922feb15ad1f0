-- How questions ended: a case for each question, a row for each who handled it and one, `all`, for
-- the case as a whole; and their sums by day.

CREATE TABLE cases (
    id BIGINT NOT NULL,
    handler TEXT NOT NULL,
    customer_id BIGINT NOT NULL,
    ending TEXT NOT NULL,
    is_complex BIGINT NOT NULL,
    channel TEXT NOT NULL,
    lang TEXT NOT NULL,
    product TEXT NOT NULL,
    author TEXT NOT NULL,
    tags TEXT NOT NULL,
    answer_id TEXT,
    waited_ms BIGINT,
    n_helped BIGINT NOT NULL,
    n_refused BIGINT NOT NULL,
    day BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (id, handler)
);
CREATE INDEX cases_by_customer ON cases (customer_id, id);

-- `value` is what the dimension is divided by: a channel's name, a language, an upper bound of
-- waiting in milliseconds.
CREATE TABLE case_tallies (
    dimension TEXT NOT NULL,
    day BIGINT NOT NULL,
    value TEXT NOT NULL,
    handler TEXT NOT NULL,
    is_complex BIGINT NOT NULL,
    ending TEXT NOT NULL,
    n BIGINT NOT NULL,
    n_helped BIGINT NOT NULL,
    n_refused BIGINT NOT NULL,
    PRIMARY KEY (dimension, day, value, handler, is_complex, ending)
);

-- What is new since the last look.
CREATE INDEX decisions_by_at ON decisions (at, customer_id);
CREATE INDEX decisions_by_customer ON decisions (customer_id, id);
CREATE INDEX feedback_by_at ON feedback (at, customer_id);
CREATE INDEX escalations_by_replied ON escalations (replied_at, customer_id);
CREATE INDEX escalations_by_closed ON escalations (closed_at, customer_id);

-- Who replied last; the claim itself lapses.
ALTER TABLE escalations ADD COLUMN replied_by BIGINT;
