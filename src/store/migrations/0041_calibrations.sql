-- Calibrations fitted to the brand's own feedback; the newest one in force counts.
CREATE TABLE calibrations (
    id BIGINT PRIMARY KEY,
    shipped TEXT NOT NULL,
    body TEXT NOT NULL,
    n_judged BIGINT NOT NULL,
    in_force BIGINT NOT NULL,
    made_at BIGINT NOT NULL
);
