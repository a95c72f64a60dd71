#!/usr/bin/env bash
# Instructions of hopcast's work, counted by valgrind: they do not depend on how busy the machine is.
# A transfer's are the difference of two runs, so that start-up falls out. Needs valgrind and python3.
# benches/instructions.sh [HOPCAST]
set -euo pipefail
hopcast=${1:-target/release/hopcast}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v valgrind > /dev/null || { echo "no valgrind" >&2; exit 1; }

count() { # instructions of a run of hopcast, in one thread
    RAYON_NUM_THREADS=1 valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file="$work/counts" \
        "$hopcast" "$@" > "$work/said" 2> "$work/log" || { cat "$work/log" >&2; return 1; }
    awk '/^summary:/ { print $2 }' "$work/counts"
}
line() { printf '%-62s %16s\n' "$1" "$2"; }

line work instructions
line "start-up (hopcast --version)" "$(count --version)"
for load in 0.5 0.7 0.9; do
    for flows in 10000 100000; do
        python3 "$here/peer/flows.py" "$flows" "$load" > "$work/$flows.csv"
    done
    few=$(count simulate --flows "$work/10000.csv" --link 500M --out "$work/out.csv")
    many=$(count simulate --flows "$work/100000.csv" --link 500M --out "$work/out.csv")
    line "simulate --flows, load $load, 10,000 transfers" "$few"
    line "simulate --flows, load $load, 100,000 transfers" "$many"
    line "  each further transfer, file in and file out" "$(((many - few) / 90000))"
done
scenario=$here/../scenarios/qos-250.toml
line "compare qos-250.toml (37 months x 24 hours)" "$(count compare "$scenario")"
if "$hopcast" simulate --help | grep -q -- --trials; then
    line "simulate qos-250.toml --hours 16-17 --trials 1" \
        "$(count simulate "$scenario" --hours 16-17 --trials 1)"
fi
