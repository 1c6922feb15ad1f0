-- What somebody who works here is called on the forum, as it said itself when they signed in.
CREATE TABLE forum_names (
    person_id BIGINT PRIMARY KEY,
    name TEXT NOT NULL
);
