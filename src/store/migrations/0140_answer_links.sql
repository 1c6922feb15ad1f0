-- Answers to questions that their source calls the same, by their ids there.
CREATE TABLE answer_links (
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    same_as TEXT NOT NULL,
    PRIMARY KEY (source, source_id, same_as)
);
CREATE INDEX answer_links_by_same ON answer_links (source, same_as);
