//! Stories over fake platforms, one file per theme: what people do, and what everybody reads.

mod asking;
mod bridge;
mod deliveries;
mod discord;
mod erasing;
mod experts;
mod fans;
mod figures;
mod forums;
mod gaps;
mod groups;
mod handovers;
mod help_desk;
mod human_side;
mod incidents;
mod learning;
mod nine_languages;
mod once;
mod recalls;
mod shadow;
mod staff;
mod strange_words;
mod thanks;
mod trouble;
mod wishes;
mod x;
