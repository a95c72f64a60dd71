#!/usr/bin/env bash
# Holds `hopcast simulate` to SimGrid on the same flows: CPU seconds of both whole processes, their
# ratio, and how far apart the ends of the flows are. Needs libsimgrid-dev (Debian), g++, python3.
# benches/peer/simgrid.sh [HOPCAST] [FLOWS, 100000] [LOAD, 0.7]
set -euo pipefail
hopcast=${1:-target/release/hopcast} flows=${2:-100000} load=${3:-0.7}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Poisson arrivals of lognormal sizes (sigma 1.5, mean 500 kB) into 500 Mbit/s.
python3 - "$flows" "$load" > "$work/flows.csv" <<'PYTHON'
import random, sys
count, load = int(sys.argv[1]), float(sys.argv[2])
random.seed(7)
moment = 0.0
print("arrival_s,bytes")
for _ in range(count):
    moment += random.expovariate(load * 500e6 / 4e6)
    print(f"{moment:.9f},{max(1, round(500e3 * random.lognormvariate(-1.125, 1.5)))}")
PYTHON

g++ -O2 -std=c++17 -o "$work/simgrid" "$here/simgrid.cpp" -lsimgrid
seconds() { # CPU seconds of a command, user and system
    local TIMEFORMAT='%U %S'
    { time "$@" > "$work/said" 2> "$work/log"; } 2>&1 | awk '{ print $1 + $2 }'
}
ours=$(seconds "$hopcast" simulate --flows "$work/flows.csv" --link 500M --out "$work/ours.csv")
echo "$flows flows at load $load: hopcast $ours s of CPU"
for actors in one each; do
    theirs=$(seconds "$work/simgrid" "$work/flows.csv" 62.5e6 "$work/theirs" "$actors" \
        --cfg=contexts/stack-size:16 --cfg=contexts/guard-size:0)
    ratio=$(awk "BEGIN { print $theirs / $ours }")
    echo "SimGrid, actors: $actors, $theirs s of CPU, ratio $ratio"
    tail -n +2 "$work/ours.csv" | paste -d, - "$work/theirs" | awk -F, '
        { error = ($3 - $5) / $4; if (error < 0) error = -error; if (error > worst) worst = error }
        END { print "  ends differ by at most", worst, "of the duration" }'
done
