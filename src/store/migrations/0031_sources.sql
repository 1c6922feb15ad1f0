-- How much of a source's answers may be quoted: `full`, `excerpt:300`, `link`. No row is `full`.
CREATE TABLE sources (
    source TEXT PRIMARY KEY,
    quote TEXT NOT NULL
);
