-- What the exam of a rebuilt index found, as JSON; empty where there was none.
ALTER TABLE index_work ADD COLUMN report TEXT NOT NULL DEFAULT '';

-- Questions that a new generation of the index is examined with, in the admin's order.
CREATE TABLE golden_questions (
    place BIGINT PRIMARY KEY,
    question TEXT NOT NULL,
    lang TEXT,
    answer_id TEXT
);
