#!/usr/bin/env bash
# Instructions of hopcast's work, counted by valgrind: they do not depend on how busy the machine is.
# What one more transfer or customer takes is the difference of two runs, so that all that is done
# once falls out. Needs valgrind, python3 and cargo.
# benches/instructions.sh [HOPCAST]
set -euo pipefail
hopcast=${1:-target/release/hopcast}
here=$(dirname "$0")
. "$here/peer/measure.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v valgrind > /dev/null || { echo "no valgrind" >&2; exit 1; }

counted() { # instructions of a command; what it says goes to $work/said and $work/log
    valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file="$work/counts" \
        "$@" > "$work/said" 2> "$work/log" || { cat "$work/log" >&2; return 1; }
    awk '/^summary:/ { print $2 }' "$work/counts"
}
replayed() { # instructions of a replay: how many transfers, at which load
    python3 "$here/peer/flows.py" "$1" "$2" > "$work/flows.csv"
    counted "$hopcast" simulate --flows "$work/flows.csv" --link 500M --out "$work/out.csv"
}
line() { printf '%-52s %14s\n' "$1" "$2"; }
whole() { # the line of a run of hopcast: what it is called, its arguments
    local took
    took=$(counted "$hopcast" "${@:2}")
    line "$1" "$took"
}

export RAYON_NUM_THREADS=1
scenario=$here/../scenarios/qos-250.toml
line work instructions
whole "start (hopcast --version)" --version
whole "compare qos-250.toml, 37 months x 24 hours" compare "$scenario"
if "$hopcast" simulate --help | grep -q -- --trials; then
    whole "simulate qos-250.toml --hours 16-17 --trials 1" simulate "$scenario" --hours 16-17 --trials 1
fi

for load in 0.5 0.7 0.9; do
    few=$(replayed 10000 $load)
    many=$(replayed 100000 $load)
    line "simulate --flows, load $load: 10,000 transfers" "$few"
    line "  100,000 transfers" "$many"
    line "  one more, with its row in and out" $(((many - few) / 90000))
done

bench=$(built_bench)
for engine in "one_link::10000 10000" "first_come::1 1000000" "first_come::10 1000000"; do
    read -r name items <<< "$engine"
    few=$(sampled counted "$name::0.7" 1)
    many=$(sampled counted "$name::0.7" 3)
    line "bench $name::0.7: one more" $(((many - few) / (2 * items)))
done
