-- Questions that the base could not answer, grouped by meaning. The figures are written anew when
-- questions came or went; `owner`, `state` and the answer are people's. `days` is how many were
-- asked on each of the last 28 days, as JSON. `answering_by` is who sends its answer to all who wait.
CREATE TABLE gaps (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    lang TEXT NOT NULL,
    about TEXT NOT NULL,
    n BIGINT NOT NULL,
    n_waiting BIGINT NOT NULL,
    n_week BIGINT NOT NULL,
    n_week_before BIGINT NOT NULL,
    days TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    answer_id TEXT,
    answering_by BIGINT
);
CREATE INDEX gaps_by_size ON gaps (n_waiting, n);

CREATE TABLE gap_members (
    escalation_id BIGINT PRIMARY KEY,
    gap_id BIGINT NOT NULL
);
CREATE INDEX gap_members_by_gap ON gap_members (gap_id);

-- How a gap stood at the end of a month (`2026-11`), as far as somebody said so in it.
CREATE TABLE gap_months (
    gap_id BIGINT NOT NULL,
    month TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (gap_id, month)
);

-- Who could not be told a gap's answer, and why.
CREATE TABLE gap_untold (
    escalation_id BIGINT NOT NULL,
    answer_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (escalation_id, answer_id)
);
