-- Only the cases as a whole are told apart by complexity; a part's sums are over both.
CREATE TABLE part_tallies (
    dimension TEXT NOT NULL,
    day BIGINT NOT NULL,
    value TEXT NOT NULL,
    ending TEXT NOT NULL,
    n BIGINT NOT NULL,
    n_helped BIGINT NOT NULL,
    n_refused BIGINT NOT NULL
);
INSERT INTO part_tallies (dimension, day, value, ending, n, n_helped, n_refused)
SELECT dimension, day, value, ending, CAST(SUM(n) AS BIGINT), CAST(SUM(n_helped) AS BIGINT),
    CAST(SUM(n_refused) AS BIGINT)
FROM case_tallies WHERE dimension <> 'all' AND handler = 'all'
GROUP BY dimension, day, value, ending;
DELETE FROM case_tallies WHERE dimension <> 'all';
INSERT INTO case_tallies
    (dimension, day, value, handler, is_complex, ending, n, n_helped, n_refused)
SELECT dimension, day, value, 'all', 0, ending, n, n_helped, n_refused FROM part_tallies;
DROP TABLE part_tallies;
