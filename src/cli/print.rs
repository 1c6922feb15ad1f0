//! Writing results: standard output for results, standard error for the rest.

use std::io::Write;

use serde::Serialize;

/// Writes a line of a result.
///
/// A reader that went away (`| head`) is no failure: the rest of the output is simply not wanted.
pub(super) fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Writes a result as JSON, indented.
pub(super) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(&serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Writes rows under headings, columns aligned.
pub(super) fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([headings[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let write = |cells: [&str; N]| {
        let padded = (0..N).map(|at| format!("{:<width$}", cells[at], width = widths[at]));
        line(padded.collect::<Vec<_>>().join("  ").trim_end());
    };
    write(headings);
    for row in rows {
        write(std::array::from_fn(|at| row[at].as_str()));
    }
}

/// Says why a command failed, with its causes.
pub(super) fn failure(error: &anyhow::Error) {
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "error: {error}");
    let mut said = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !said.contains(&cause) {
            let _ = writeln!(stderr, "  because: {cause}");
        }
        said = cause;
    }
}
