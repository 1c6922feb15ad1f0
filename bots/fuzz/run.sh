#!/bin/bash
# Every fuzz target for FUZZ_SECONDS (60), from the tests' payloads on; prints what each reached.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-60}
toolchain=${FUZZ_TOOLCHAIN:-nightly}
cargo "+$toolchain" fuzz --version >/dev/null 2>&1 || {
    echo "cargo-fuzz is missing: cargo install cargo-fuzz --locked, and rustup toolchain install nightly" >&2
    exit 1
}
printf '%-18s %12s %10s %10s\n' target executions edges corpus
for target in receive_telegram receive_discord receive_x receive_webhook receive_webchat render; do
    corpus=fuzz/corpus/$target
    mkdir -p "$corpus"
    seeds=tests/payloads/${target#receive_}
    [ -d "$seeds" ] || seeds=
    log=$(mktemp)
    # shellcheck disable=SC2086
    if ! cargo "+$toolchain" fuzz run --fuzz-dir fuzz "$target" "$corpus" $seeds -- \
        -max_total_time="$seconds" -print_final_stats=1 -timeout=10 >"$log" 2>&1; then
        tail -40 "$log" >&2
        echo "$target failed; the input that broke it is in bots/fuzz/artifacts/$target" >&2
        exit 1
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    edges=$(grep -o 'cov: [0-9]*' "$log" | tail -1 | cut -d' ' -f2)
    printf '%-18s %12s %10s %10s\n' "$target" "$runs" "$edges" "$(find "$corpus" -type f | wc -l)"
    rm -f "$log"
done
