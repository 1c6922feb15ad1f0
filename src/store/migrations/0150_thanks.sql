-- Letters of thanks that go to the forum, one for each author and month. `name` is our own name for
-- the topic, which nobody can guess; `named` is how the letter names the author.
CREATE TABLE thanks (
    author TEXT NOT NULL,
    month TEXT NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL,
    private BIGINT NOT NULL,
    named TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    name TEXT NOT NULL,
    topic TEXT,
    url TEXT,
    trouble TEXT,
    tries BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (author, month)
);
CREATE INDEX thanks_by_state ON thanks (source, state, due_at);
