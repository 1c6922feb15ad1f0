//! The `superfan` binary: reads the command line and does what it says.

/// Many threads allocate at once here, which the system's allocator makes wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    superfan::cli::main()
}
