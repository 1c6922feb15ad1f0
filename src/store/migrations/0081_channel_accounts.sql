-- Channel accounts that were connected in the console; their settings are sealed.
CREATE TABLE channel_accounts (
    name TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    settings TEXT NOT NULL,
    account TEXT NOT NULL,
    person TEXT NOT NULL,
    connected_at BIGINT NOT NULL
);
