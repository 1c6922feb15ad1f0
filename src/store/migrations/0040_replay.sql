-- Replays of the base's own history: the run, a row for each question, people's word on pairs.

CREATE TABLE replays (
    id BIGINT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL,
    from_at BIGINT,
    mode TEXT NOT NULL,
    target DOUBLE PRECISION NOT NULL,
    n_rows BIGINT NOT NULL,
    n_undated BIGINT NOT NULL,
    n_walked BIGINT NOT NULL DEFAULT 0,
    walked_at BIGINT NOT NULL,
    walked_id TEXT NOT NULL,
    alike_at DOUBLE PRECISION NOT NULL DEFAULT 1,
    started_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE TABLE replay_cases (
    replay_id BIGINT NOT NULL,
    question_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    month TEXT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    sent_id TEXT,
    author TEXT,
    linked BIGINT NOT NULL,
    likeness DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (replay_id, question_id)
);
CREATE INDEX replay_cases_by_position ON replay_cases (replay_id, position);

-- Kept apart from the runs: a later replay that would send the same counts the same word.
CREATE TABLE replay_judgements (
    question_id TEXT NOT NULL,
    sent_id TEXT NOT NULL,
    agrees BIGINT NOT NULL,
    judged_by TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (question_id, sent_id)
);

-- A question is never asked later than its answer was accepted, whatever a source says.
CREATE INDEX answers_by_accepted ON answers (accepted_at, id);
CREATE INDEX answers_by_asked ON answers (
    (CASE WHEN asked_at IS NULL OR asked_at > accepted_at THEN accepted_at ELSE asked_at END), id
);
