-- Who helped whom: the forum's own acceptances, and what customers confirmed elsewhere.
CREATE TABLE solves (
    answer_id TEXT NOT NULL,
    -- 0 for the forum's own acceptance.
    case_id BIGINT NOT NULL,
    author TEXT NOT NULL,
    person TEXT NOT NULL,
    customer_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    lang TEXT NOT NULL,
    product TEXT NOT NULL,
    tags TEXT NOT NULL,
    -- Empty if it counts; else why not: self, repeat, ring.
    discount TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (answer_id, case_id)
);
CREATE INDEX solves_by_author ON solves (author, person);
CREATE INDEX solves_by_person ON solves (person, author);
CREATE INDEX solves_by_customer ON solves (customer_id, case_id);
CREATE INDEX solves_by_at ON solves (at);

-- How authors want to be named; no row is as the forum names them.
CREATE TABLE author_wishes (
    author TEXT PRIMARY KEY,
    -- Empty: not at all.
    shown_as TEXT NOT NULL,
    at BIGINT NOT NULL
);
