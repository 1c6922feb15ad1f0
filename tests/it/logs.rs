//! What the program logs while stories are told, at the most verbose level of our own crates.

use std::io::Write;
use std::sync::{Mutex, Once};

use tracing_subscriber::EnvFilter;

/// What `SUPERFAN_LOG` can bring out of us; others log what they always do.
const MOST: &str = "info,superfan=trace,superfan_bots=trace,superfan_index=trace,\
                    tantivy=warn,sqlx=warn,html5ever=error";

/// Every line since somebody listens, of every thread: what one test logs stands beside another's.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Keeps whatever is logged from now on.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(MOST))
            .with_ansi(false)
            .with_writer(|| Kept)
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
}

/// The lines with these words, in whatever case.
pub(crate) fn lines_with(words: &str) -> Vec<String> {
    let log = String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned();
    let words = words.to_lowercase();
    let found = log.lines().filter(|line| line.to_lowercase().contains(&words));
    found.map(str::to_owned).collect()
}

struct Kept;

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
