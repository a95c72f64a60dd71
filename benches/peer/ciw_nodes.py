"""Ciw 3 as the peer of `hopcast simulate`, for ciw.sh.
ciw_nodes.py flows FLOWS.csv BITS_PER_SECOND OUT   the file's transfers through a processor-sharing node
ciw_nodes.py customers SERVERS LOAD COUNT          M/M/c of mean service 1, first come, first served
Says: version of Ciw, CPU seconds of this process (set-up, simulation, all), mean seconds at the node.
"""

import sys
import time

import ciw


def transfers(path, rate):
    """Ciw adds the gaps up again: each is what takes its clock to the arrival as the file has it."""
    gaps, works, clock = [], [], 0.0
    with open(path) as file:
        next(file)
        for line in file:
            arrival, size = line.split(",")
            gaps.append(float(arrival) - clock)
            clock += gaps[-1]
            works.append(float(size) * 8 / rate)
    network = ciw.create_network(
        # A sequence begins again at its end: nobody comes after the last.
        arrival_distributions=[ciw.dists.Sequential(gaps + [float("inf")])],
        service_distributions=[ciw.dists.Sequential(works)],
        number_of_servers=[float("inf")],
        ps_thresholds=[1],
    )
    return ciw.Simulation(network, node_class=ciw.PSNode), len(works)


def customers(servers, load):
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=load * servers)],
        service_distributions=[ciw.dists.Exponential(rate=1.0)],
        number_of_servers=[servers],
    )
    ciw.seed(7)
    return ciw.Simulation(network)


def main(what, *given):
    if what == "flows":
        path, rate, out = given
        simulation, count = transfers(path, float(rate))
    else:
        servers, load, count = int(given[0]), float(given[1]), int(given[2])
        simulation, out = customers(servers, load), None
    set_up = time.process_time()
    simulation.simulate_until_max_customers(count)
    simulated = time.process_time() - set_up
    records = sorted(simulation.get_all_records(only=["service"]), key=lambda visit: visit.id_number)
    stays = [visit.exit_date - visit.arrival_date for visit in records]
    if out:
        with open(out, "w") as file:
            file.writelines(f"{visit.exit_date!r}\n" for visit in records)
    everything = time.process_time()
    print(ciw.__version__, set_up, simulated, everything, sum(stays) / len(stays))


main(*sys.argv[1:])
