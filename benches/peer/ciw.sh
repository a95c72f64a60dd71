#!/usr/bin/env bash
# Holds hopcast to Ciw 3: the same transfers through a processor-sharing node, CPU seconds of both and
# how far apart the ends are; then the engines alone, without files: such transfers, and customers of
# M/M/1 and M/M/10, each from random numbers of its own (ours are those of `cargo bench --bench sim`).
# Needs a Python with Ciw (pip install ciw) and cargo.
# benches/peer/ciw.sh [HOPCAST] [LOAD: 0.5, 0.7 or 0.9] [PYTHON]
set -euo pipefail
hopcast=${1:-target/release/hopcast} load=${2:-0.7} python=${3:-python3}
here=$(dirname "$0")
. "$here/measure.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -c 'import ciw' || { echo "no Ciw: $python -m pip install ciw" >&2; exit 1; }
ciw() { "$python" "$here/ciw_nodes.py" "$@"; }
again() { # a command so many times: one run of ours is too short for the clock
    for ((run = 0; run < $1; run++)); do "${@:2}"; done
}

echo "CPU seconds of whole processes at load $load"
for count in 10000 20000; do
    "$python" "$here/flows.py" "$count" "$load" > "$work/flows.csv"
    ours=$(seconds again 20 "$hopcast" simulate --flows "$work/flows.csv" --link 500M --out "$work/ours.csv")
    read -r version before simulated all _ < <(ciw flows "$work/flows.csv" 500e6 "$work/theirs")
    awk "BEGIN {
        printf \"%d transfers: hopcast %.4f, Ciw $version %.3f (%.3f until it simulates, %.3f for that)\\n\",
            $count, $ours / 20, $all, $before, $simulated
        printf \"  ratio %.0f, to its simulation alone %.0f\\n\", $all / ($ours / 20), $simulated / ($ours / 20)
    }"
    echo "  ends differ by at most $(apart "$work/ours.csv" "$work/theirs") of the duration"
done

bench=$(built_bench)
engines() { # what, our bench, its items a sample, how many samples; items a CPU second of Ciw
    local took
    took=$(sampled seconds "$2::$load" "$4")
    awk "BEGIN {
        ours = $3 * $4 / $took
        printf \"%s: hopcast %.3g, Ciw %.3g, ratio %.0f\\n\", \"$1\", ours, $5, ours / ($5)
    }"
}
echo "engines alone, a CPU second"
engines "transfers" one_link::10000 10000 200 "20000 / $simulated"
for servers in 1 10; do
    read -r _ _ simulated _ stay < <(ciw customers "$servers" "$load" 100000)
    engines "customers of M/M/$servers" "first_come::$servers" 1000000 10 "100000 / $simulated"
    theory=$("$hopcast" calc mmc --load "${load}x" --service 1s --servers "$servers" --json | "$python" -c '
import json, sys
print(*(each["value"] for each in json.load(sys.stdin)["results"] if each["key"] == "mean_sojourn"))')
    printf '  mean stay in Ciw %.3f services, in theory %.3f\n' "$stay" "$theory"
done
