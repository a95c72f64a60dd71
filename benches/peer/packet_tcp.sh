#!/usr/bin/env bash
# Holds the response-time model to TCP simulated packet by packet: transfers of one line in ns-3, the
# same transfers by exact processor sharing (`hopcast simulate`), and the model of
# src/queueing/response.rs on top of it, by size class. Needs libns3-dev (Debian), g++, python3.
# benches/peer/packet_tcp.sh [HOPCAST] [RTT in ms, 2] [LOAD, 0.7] [FLOWS, 4000] [SEED, 1] [QUEUE in ms, 24]
set -euo pipefail
hopcast=${1:-target/release/hopcast} rtt=${2:-2} load=${3:-0.7} flows=${4:-4000} seed=${5:-1} queue=${6:-24}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

libraries=(core internet network point-to-point traffic-control)
g++ -O2 -std=c++17 -o "$work/packets" "$here/packet_tcp.cpp" "${libraries[@]/#/-lns3-}"
"$work/packets" --rtt="$rtt" --load="$load" --flows="$flows" --seed="$seed" --buffer="$queue" > "$work/packets.csv"
{ echo arrival_s,bytes; cut -d, -f1,2 "$work/packets.csv"; } > "$work/flows.csv"
"$hopcast" simulate --flows "$work/flows.csv" --link 500M --out "$work/shared.csv" > "$work/said"
python3 - "$work" "$rtt" "$queue" <<'PYTHON'
import bisect, csv, math, sys
work, rtt, queue = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
packets = [tuple(map(float, row)) for row in csv.reader(open(f"{work}/packets.csv"))]
shared = list(csv.DictReader(open(f"{work}/shared.csv")))
durations = [float(row["duration_s"]) for row in shared]
gone = sorted(float(row["finish_s"]) for row in shared)
print("    bytes from  flows  packets ms  shared ms  model ms  error")
for low, high in zip([0, 2e4, 1e5, 5e5, 2e6], [2e4, 1e5, 5e5, 2e6, math.inf]):
    sums, count = [0.0] * 3, 0
    for number, ((start, size, end, *_), duration) in enumerate(zip(packets, durations)):
        if not low <= size < high or end < 0:
            continue
        met = number - bisect.bisect_right(gone, start)
        rounds = 0.5 + math.ceil(math.log2(size / 14480 + 1))
        wait = (1 - (6 / 7) ** met) * (queue + rtt)
        sharing = 1e3 * duration
        for part, value in enumerate([1e3 * (end - start), sharing, sharing + rounds * (rtt + wait)]):
            sums[part] += value
        count += 1
    if count:
        taken, sharing, model = (each / count for each in sums)
        print(f"{low:14.0f} {count:6} {taken:11.1f} {sharing:10.1f} {model:9.1f} {100 * (model / taken - 1):+5.0f} %")
PYTHON
