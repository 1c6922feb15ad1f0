-- What super fans are invited to, by which rule, and what they answered. `perk` is never money.
CREATE TABLE programme_events (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    happens_on TEXT NOT NULL,
    about TEXT NOT NULL,
    perk TEXT NOT NULL,
    budget_percent BIGINT NOT NULL,
    -- The rule: the first so many of the last so many days (0 for all), by language, product, tag.
    top BIGINT NOT NULL,
    days BIGINT NOT NULL,
    lang TEXT NOT NULL,
    product TEXT NOT NULL,
    tag TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE programme_invitations (
    event_id BIGINT NOT NULL,
    author TEXT NOT NULL,
    solves BIGINT NOT NULL,
    answer TEXT NOT NULL,
    invited_at BIGINT NOT NULL,
    answered_at BIGINT,
    PRIMARY KEY (event_id, author)
);
