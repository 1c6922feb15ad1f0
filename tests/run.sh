#!/bin/bash
# Runs every step of CI in order, goes on after a failure, and closes with one line of counts.
# A step that fails without a failing test (a lint, say) counts as one failure.
set -uo pipefail
cd "$(dirname "$0")/.."

STEPS="setup fmt clippy doc unit scenario browser crash cluster quality deny"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

passed=0
failed=0
broken=()
for step in $STEPS; do
    printf '\n== %s\n' "$step"
    started=$SECONDS
    make --no-print-directory "$step" 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    counts=$(awk '/^test result: / { for (i = 2; i <= NF; i++) { if ($i ~ /^passed;/) p += $(i - 1); if ($i ~ /^failed;/) f += $(i - 1) } } END { print p + 0, f + 0 }' "$log")
    read -r step_passed step_failed <<<"$counts"
    if [ "$status" != 0 ]; then
        broken+=("$step")
        [ "$step_failed" != 0 ] || step_failed=1
    fi
    passed=$((passed + step_passed))
    failed=$((failed + step_failed))
    echo "== $step took $((SECONDS - started)) s"
done

echo
[ ${#broken[@]} = 0 ] || echo "failed: ${broken[*]}"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
