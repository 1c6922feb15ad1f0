-- Which topic of a followed forum an answer belongs to.
CREATE TABLE answer_topics (
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    topic TEXT NOT NULL,
    PRIMARY KEY (source, source_id)
);
CREATE INDEX answer_topics_by_topic ON answer_topics (source, topic);

-- What is known of every topic of a followed forum; outcome is `kept`, `skipped` or `gone`.
CREATE TABLE forum_topics (
    source TEXT NOT NULL,
    topic TEXT NOT NULL,
    mark TEXT NOT NULL,
    listed_at BIGINT NOT NULL,
    read_at BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    PRIMARY KEY (source, topic)
);
CREATE INDEX forum_topics_by_read ON forum_topics (source, read_at);

-- Topics that have to be read; the forum's word counts, so one row for all that was heard of it.
CREATE TABLE forum_due (
    source TEXT NOT NULL,
    topic TEXT NOT NULL,
    urgent BIGINT NOT NULL,
    since BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    n_told BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    trouble TEXT,
    PRIMARY KEY (source, topic)
);
CREATE INDEX forum_due_by_time ON forum_due (source, urgent, due_at);

-- How following each forum goes.
CREATE TABLE forums (
    source TEXT PRIMARY KEY,
    last_event TEXT,
    last_event_at BIGINT,
    last_lag_ms BIGINT,
    swept_at BIGINT,
    sweep_began_at BIGINT,
    sweep_page TEXT,
    held_until BIGINT,
    trouble TEXT
);
