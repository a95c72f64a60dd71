#!/usr/bin/env bash
# Holds `hopcast simulate` to SimGrid on the same flows: CPU seconds of both whole processes, their
# ratio, and how far apart the ends of the flows are. Needs libsimgrid-dev (Debian), g++, python3.
# benches/peer/simgrid.sh [HOPCAST] [FLOWS, 100000] [LOAD, 0.7]
set -euo pipefail
hopcast=${1:-target/release/hopcast} flows=${2:-100000} load=${3:-0.7}
here=$(dirname "$0")
. "$here/measure.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 "$here/flows.py" "$flows" "$load" > "$work/flows.csv"
g++ -O2 -std=c++17 -o "$work/simgrid" "$here/simgrid.cpp" -lsimgrid
ours=$(seconds "$hopcast" simulate --flows "$work/flows.csv" --link 500M --out "$work/ours.csv")
echo "$flows flows at load $load: hopcast $ours s of CPU"
for actors in one each; do
    theirs=$(seconds "$work/simgrid" "$work/flows.csv" 62.5e6 "$work/theirs" "$actors" \
        --cfg=contexts/stack-size:16 --cfg=contexts/guard-size:0)
    ratio=$(awk "BEGIN { print $theirs / $ours }")
    echo "SimGrid, actors: $actors, $theirs s of CPU, ratio $ratio"
    echo "  ends differ by at most $(apart "$work/ours.csv" "$work/theirs") of the duration"
done
