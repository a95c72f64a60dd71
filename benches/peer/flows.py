"""A file of transfers for `hopcast simulate --flows` and for its peers: Poisson arrivals of lognormal
sizes (sigma 1.5, mean 500 kB) that load 500 Mbit/s by LOAD. The same numbers each time.
flows.py COUNT LOAD > FLOWS.csv
"""

import random
import sys

count, load = int(sys.argv[1]), float(sys.argv[2])
random.seed(7)
moment = 0.0
print("arrival_s,bytes")
for _ in range(count):
    moment += random.expovariate(load * 500e6 / 4e6)
    print(f"{moment:.9f},{max(1, round(500e3 * random.lognormvariate(-1.125, 1.5)))}")
