//! The adapters against payloads, published signature vectors and fake platforms.
//!
//! Every module says `cfg(test)` so that the lints know it for a test.

#[cfg(test)]
mod discord_interactions;
#[cfg(test)]
mod discord_listen;
#[cfg(test)]
mod discord_payloads;
#[cfg(test)]
mod discord_send;
#[cfg(test)]
mod discord_staff;
#[cfg(test)]
mod discourse;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod payloads;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod support;
#[cfg(test)]
mod telegram_listen;
#[cfg(test)]
mod telegram_render;
#[cfg(test)]
mod telegram_send;
#[cfg(test)]
mod teloxide;
#[cfg(test)]
mod webchat;
#[cfg(test)]
mod webhook;
#[cfg(test)]
mod x_listen;
#[cfg(test)]
mod x_payloads;
#[cfg(test)]
mod x_render;
#[cfg(test)]
mod x_send;
#[cfg(test)]
mod x_support;
