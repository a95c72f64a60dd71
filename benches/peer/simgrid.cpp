// The flows of a file through one link in SimGrid 3.32 (Debian: libsimgrid-dev), with its plainest
// fluid model: CM02, no latency, no cross traffic. Transfers are started by one actor for all, which
// is the fastest way, or each by an actor of its own, which is how its examples are written.
// simgrid FLOWS.csv BYTES_PER_SECOND OUT one|each
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <simgrid/s4u.hpp>
#include <utility>
#include <vector>

namespace s4u = simgrid::s4u;

int main(int argc, char** argv)
{
  s4u::Engine engine(&argc, argv);
  s4u::Engine::set_config("network/model:CM02");
  s4u::Engine::set_config("network/crosstraffic:0");
  s4u::Engine::set_config("network/TCP-gamma:0");

  std::vector<std::pair<double, double>> flows;
  std::FILE* file = std::fopen(argv[1], "r");
  char header[200];
  double arrival, bytes;
  if (file == nullptr || std::fgets(header, sizeof header, file) == nullptr)
    return 2;
  while (std::fscanf(file, "%lf,%lf", &arrival, &bytes) == 2)
    flows.emplace_back(arrival, bytes);
  std::fclose(file);

  auto* zone = s4u::create_full_zone("zone");
  auto* from = zone->create_host("from", 1e9);
  auto* to   = zone->create_host("to", 1e9);
  auto* link = zone->create_link("link", std::atof(argv[2]))->set_latency(0)->seal();
  zone->add_route(from->get_netpoint(), to->get_netpoint(), nullptr, nullptr, {s4u::LinkInRoute(link)});
  zone->seal();

  std::vector<double> ends(flows.size());
  if (std::strcmp(argv[4], "each") == 0) {
    for (size_t at = 0; at < flows.size(); at++)
      s4u::Actor::create("sender", from, [&, at] {
        s4u::this_actor::sleep_until(flows[at].first);
        s4u::Comm::sendto(from, to, static_cast<uint64_t>(flows[at].second));
        ends[at] = s4u::Engine::get_clock();
      });
    engine.run();
  } else {
    std::vector<s4u::CommPtr> transfers;
    transfers.reserve(flows.size());
    s4u::Actor::create("sender", from, [&] {
      for (const auto& [begin, size] : flows) {
        s4u::this_actor::sleep_until(begin);
        transfers.push_back(s4u::Comm::sendto_async(from, to, static_cast<uint64_t>(size)));
      }
      for (const auto& transfer : transfers)
        transfer->wait();
    });
    engine.run();
    for (size_t at = 0; at < flows.size(); at++)
      ends[at] = transfers[at]->get_finish_time();
  }

  std::FILE* out = std::fopen(argv[3], "w");
  for (double end : ends)
    std::fprintf(out, "%.17g\n", end);
  std::fclose(out);
  return 0;
}
