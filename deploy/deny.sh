#!/bin/bash
# Checks the dependencies with cargo-deny where it is installed, and says aloud what was not checked.
# Bans, licences and sources of deny.toml are checked in any case by tests/it/dependencies.rs.
set -uo pipefail
cd "$(dirname "$0")/.."

if ! command -v cargo-deny >/dev/null; then
    echo "ADVISORIES NOT CHECKED: cargo-deny is not installed (cargo install cargo-deny --locked)"
    echo "bans, licences and sources are checked by the tests dependencies::*"
else
    cargo deny --all-features check bans licenses sources || exit 1
    if cargo deny fetch db >/dev/null 2>&1; then
        cargo deny check --disable-fetch advisories || exit 1
    else
        echo "ADVISORIES NOT CHECKED: the advisory database cannot be reached from here"
    fi
fi

if command -v cargo-machete >/dev/null; then
    cargo machete || exit 1
else
    echo "cargo-machete is not installed: unused dependencies are looked for by the tests dependencies::* only"
fi
