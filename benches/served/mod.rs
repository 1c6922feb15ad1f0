//! The program itself, started as people start it, and what it weighs.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::synthetic::Language;

/// So many synthetic answers, one to a line.
pub(crate) fn write_answers(path: &Path, n_answers: u64) {
    let language = Language::new();
    let mut out = BufWriter::new(File::create(path).unwrap());
    for n in 0..n_answers {
        let answer = language.answer(n);
        let row = json!({
            "id": answer.id, "lang": "en", "title": answer.title, "question": answer.question,
            "answer": answer.answer, "author": format!("author {}", n % 40),
        });
        writeln!(out, "{row}").unwrap();
    }
    out.flush().unwrap();
}

/// Imports a file of answers until all of them are searchable.
pub(crate) fn import(data_dir: &Path, kind: &str, path: &Path) {
    let mut command = superfan(data_dir);
    command.args(["answers", "import", kind]).arg(path).stdout(Stdio::null());
    assert!(command.status().unwrap().success());
}

/// A server at work.
pub(crate) struct Server(Child);

impl Server {
    /// Starts it and waits until it says that it is ready; where it listens.
    pub(crate) fn start(data_dir: &Path, settings: &[(&str, &str)]) -> (Self, String) {
        let mut command = superfan(data_dir);
        command.arg("serve").envs(settings.iter().copied()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
        while !is_ready(&address) {
            std::thread::sleep(Duration::from_millis(5));
        }
        (Self(child), address)
    }

    /// What the system says of its memory, in MB: `VmRSS:` now, `VmHWM:` at most so far.
    pub(crate) fn memory(&self, what: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }

    /// Ends it on the spot.
    pub(crate) fn end(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn superfan(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_superfan"));
    command.current_dir(data_dir.parent().unwrap()).arg("--data-dir").arg(data_dir);
    command.env("SUPERFAN_LISTEN", "127.0.0.1:0").env("SUPERFAN_LOG", "warn");
    command
}

fn is_ready(address: &str) -> bool {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /readyz HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n").unwrap();
    let mut status = String::new();
    BufReader::new(stream).read_line(&mut status).unwrap();
    status.starts_with("HTTP/1.1 200")
}
