//! The `superfan` binary: reads the command line and does what it says.

fn main() -> std::process::ExitCode {
    superfan::cli::main()
}
