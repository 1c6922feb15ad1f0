-- Escalations shown to the brand's own people on a channel: their card, and the thread under it.
CREATE TABLE staff_cards (
    escalation_id BIGINT PRIMARY KEY,
    conversation_id BIGINT NOT NULL,
    shown TEXT NOT NULL,
    thread_id BIGINT UNIQUE,
    owner_id BIGINT
);
