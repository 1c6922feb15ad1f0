-- What is durable and not yet in its conversation. A delivery is acknowledged once its row is here;
-- one small table keeps that short, however large the inbox has grown.
CREATE TABLE arrivals (
    id BIGINT PRIMARY KEY,
    channel TEXT NOT NULL,
    event_key TEXT NOT NULL,
    conversation TEXT NOT NULL,
    author TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    UNIQUE (channel, event_key)
);
