//! What all fake platforms share: a real HTTP server on a free port whose connections can be cut,
//! and the faults it can be told to have. Only with the feature `fakes`; never in the product.

mod server;

pub use server::{Cut, FakeServer, http_client};

/// One thing going wrong, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429; with the seconds to wait, if any.
    TooMany(Option<u64>),
    /// 503 with `Retry-After` in seconds.
    Unavailable(u64),
    /// 500 in the platform's own notation.
    ServerError,
    /// 502 with a page of HTML, as a proxy gives it.
    BadGateway,
    /// The connection ends without an answer; nothing was done.
    CutBefore,
    /// The connection ends without an answer, but it was done.
    CutAfter,
    /// Never answers; nothing was done.
    Hang,
    /// Done, and answered 200 with half a JSON text.
    Malformed,
    /// A refusal in the platform's own words.
    Refuse(u16, String),
    /// This status with this body, letter by letter; nothing was done.
    Answer(u16, String),
}

impl Fault {
    /// Whether the platform acts before it fails.
    pub fn acts(&self) -> bool {
        matches!(self, Self::CutAfter | Self::Malformed)
    }
}
