//! Deliveries of webhook, signed: decoded or refused, never a panic.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| superfan_bots_fuzz::receive_webhook(body));
