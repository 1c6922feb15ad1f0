//! superfan answers a brand's customers where they ask, with answers its community has accepted,
//! and calls a human when it is not sure. ARCHITECTURE.md has the picture.

pub mod answers;
pub mod clock;
pub mod ids;
pub mod store;
pub mod vocabulary;
pub mod words;
