//! The integration tests of superfan, one binary: a module each for the house rules, the store's
//! databases, the scenarios, the browser, crashes, several nodes and the quality of answers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answer_acts;
mod base;
mod browser;
mod calibrate;
mod cluster;
mod commands;
mod crash;
mod demo_base;
mod dependencies;
mod desk;
mod doctor;
mod exams;
mod forum_imports;
mod imports;
mod indexer;
mod languages;
mod learning;
mod logs;
mod patience;
mod postgres;
mod products;
mod quality;
mod replay;
mod scenarios;
mod store_trouble;
mod tidy;
mod web;
