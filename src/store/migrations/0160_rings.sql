-- Names are compared in lower case, and only the program knows how to write every script so: the
-- forum's acceptances are gone through anew. `helped` tells people apart where names do not.
ALTER TABLE solves ADD COLUMN author_key TEXT NOT NULL DEFAULT '';
ALTER TABLE solves ADD COLUMN helped TEXT NOT NULL DEFAULT '';
UPDATE solves SET author_key = LOWER(author), helped = CASE WHEN customer_id = 0 THEN person
    ELSE CAST(customer_id AS TEXT) END;
CREATE INDEX solves_by_key ON solves (author_key, person);
DELETE FROM settings WHERE name = 'fans.answers';
