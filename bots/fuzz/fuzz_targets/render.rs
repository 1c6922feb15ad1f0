//! Replies on every channel: within its limits, whole markup, never a panic.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| superfan_bots_fuzz::render_everywhere(text));
