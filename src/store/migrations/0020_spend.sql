-- What a channel charged on a day (UTC), in millionths of a US dollar.
CREATE TABLE spend (
    channel TEXT NOT NULL,
    day TEXT NOT NULL,
    micros BIGINT NOT NULL,
    PRIMARY KEY (channel, day)
);

-- Since when an earlier attempt of a row may have arrived.
ALTER TABLE outbox ADD COLUMN in_doubt_since BIGINT;
