#!/usr/bin/env bash
# Holds hopcast to Ciw 3: the same transfers through a processor-sharing node, CPU seconds of both and
# how far apart the ends are; then customers a second of M/M/1 and M/M/10 beside those of
# `cargo bench --bench sim`. Ciw's start and reading are told apart from its simulation; of hopcast
# all is counted. Needs a Python with Ciw (pip install ciw) and cargo.
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

for count in 10000 20000; do
    "$python" "$here/flows.py" "$count" "$load" > "$work/flows.csv"
    ours=$(seconds again 20 "$hopcast" simulate --flows "$work/flows.csv" --link 500M --out "$work/ours.csv")
    read -r version set_up simulated all _ < <(ciw flows "$work/flows.csv" 500e6 "$work/theirs")
    awk -v n="$count" -v load="$load" -v version="$version" -v ours="$ours" -v set_up="$set_up" \
        -v simulated="$simulated" -v all="$all" 'BEGIN {
            ours /= 20
            printf "%d flows at load %s, s of CPU: hopcast %.4f, Ciw %s %.3f (%.3f before it simulates, %.3f for that)\n",
                n, load, ours, version, all, set_up, simulated
            printf "  flows/s: hopcast, all counted, %.0f; Ciw %.0f, simulation alone %.0f\n", n / ours, n / all, n / simulated
            printf "  ratio: whole processes %.0f, against its simulation alone %.0f\n", all / ours, simulated / ours
        }'
    echo "  ends differ by at most $(apart "$work/ours.csv" "$work/theirs") of the duration"
done

# Five samples of a million customers each: the start of the process is nothing beside them.
build=$(cd "$here/../.." && cargo bench --no-default-features --features plan --bench sim --no-run 2>&1)
bench=$here/../../$(sed -n 's/.*Executable.*(\(.*\))$/\1/p' <<< "$build")
for servers in 1 10; do
    ours=$(seconds "$bench" "first_come.*[^0-9]$servers[^0-9].*$load" --sample-count 5 --sample-size 1)
    read -r version _ simulated _ stay < <(ciw customers "$servers" "$load" 100000)
    awk -v c="$servers" -v load="$load" -v version="$version" -v ours="$ours" -v simulated="$simulated" \
        -v stay="$stay" 'BEGIN {
            ours = 5e6 / ours; theirs = 1e5 / simulated
            printf "M/M/%d at load %s, customers/s: hopcast %.0f, Ciw %s %.0f (stay %.3f of a service), ratio %.0f\n",
                c, load, ours, version, theirs, stay, ours / theirs
        }'
done
