// Transfers of TCP CUBIC over one drop-tail bottleneck, packet by packet, in ns-3 (made for 3.37): the
// flows, one "start_s,bytes,end_s,queue_bytes,under_way" a line, the last two as its SYN was sent.
// `--help` names the arguments.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include "ns3/traffic-control-module.h"

using namespace ns3;

namespace {

struct Flow {
    double start;
    uint64_t bytes;
    double end = -1;
    uint64_t unsent = 0;
    uint64_t received = 0;
    uint32_t queued = 0;  // bytes in the queue at its start
    size_t others = 0;    // flows under way at its start
};

std::vector<Flow> g_flows;
std::map<std::pair<uint32_t, uint16_t>, size_t> g_byPort;  // of (receiver's address, sender's port)
size_t g_started = 0, g_ended = 0;
Ptr<Queue<Packet>> g_queue;

void Fill(size_t at, Ptr<Socket> socket, uint32_t) {
    Flow& flow = g_flows[at];
    while (flow.unsent > 0) {
        uint32_t room = socket->GetTxAvailable();
        uint32_t part = std::min<uint64_t>({flow.unsent, room, 1448 * 64});
        if (part == 0) return;
        int sent = socket->Send(Create<Packet>(part));
        if (sent <= 0) return;
        flow.unsent -= sent;
    }
    if (flow.unsent == 0) {
        socket->SetSendCallback(MakeNullCallback<void, Ptr<Socket>, uint32_t>());
        socket->Close();
    }
}

void Connected(size_t at, Ptr<Socket> socket) { Fill(at, socket, 0); }

void Failed(Ptr<Socket>) {}

void Start(size_t at, Ptr<Node> node, Address to, uint32_t receiver) {
    g_flows[at].queued = g_queue->GetNBytes();
    g_flows[at].others = g_started++ - g_ended;
    Ptr<Socket> socket = Socket::CreateSocket(node, TcpSocketFactory::GetTypeId());
    socket->Bind();
    Address own;
    socket->GetSockName(own);
    g_byPort[{receiver, InetSocketAddress::ConvertFrom(own).GetPort()}] = at;
    g_flows[at].unsent = g_flows[at].bytes;
    socket->SetConnectCallback(MakeBoundCallback(&Connected, at), MakeCallback(&Failed));
    socket->SetSendCallback(MakeBoundCallback(&Fill, at));
    socket->Connect(to);
}

void Receive(size_t at, Ptr<Socket> socket) {
    Flow& flow = g_flows[at];
    while (Ptr<Packet> packet = socket->Recv()) {
        if (packet->GetSize() == 0) break;
        flow.received += packet->GetSize();
    }
    if (flow.received >= flow.bytes && flow.end < 0) {
        flow.end = Simulator::Now().GetSeconds();
        socket->Close();
        if (++g_ended == g_flows.size()) Simulator::Stop();
    }
}

void Accept(uint32_t receiver, Ptr<Socket> socket, const Address& from) {
    size_t at = g_byPort[{receiver, InetSocketAddress::ConvertFrom(from).GetPort()}];
    socket->SetRecvCallback(MakeBoundCallback(&Receive, at));
}

uint64_t g_dropped = 0;
double g_area = 0, g_last = 0;
uint32_t g_now = 0;
void Held(uint32_t, uint32_t bytes) {
    double now = Simulator::Now().GetSeconds();
    g_area += g_now * (now - g_last);
    g_last = now;
    g_now = bytes;
}
void Dropped(Ptr<const Packet>) { ++g_dropped; }

}  // namespace

int main(int argc, char** argv) {
    double rate = 500, load = 0.7, rtt = 2, buffer = 24, access = 0, mean = 500000, sigma = 1.5;
    uint32_t flows = 1000, seed = 1, users = 1;
    uint32_t window = 1 << 20;
    CommandLine line;
    line.AddValue("rate", "Mbit/s of the bottleneck", rate);
    line.AddValue("load", "mean payload over the rate", load);
    line.AddValue("rtt", "round trip in ms", rtt);
    line.AddValue("buffer", "drop-tail queue in ms", buffer);
    line.AddValue("flows", "how many", flows);
    line.AddValue("seed", "of arrivals and sizes", seed);
    line.AddValue("access", "Mbit/s of a user's own line; 0: all users at the end of the bottleneck", access);
    line.AddValue("users", "users with a line of their own", users);
    line.AddValue("mean", "bytes of a flow, lognormal", mean);
    line.AddValue("sigma", "deviation of their logarithm", sigma);
    line.AddValue("window", "bytes of the send and receive buffers", window);
    line.Parse(argc, argv);

    Config::SetDefault("ns3::TcpL4Protocol::SocketType", TypeIdValue(TcpCubic::GetTypeId()));
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448));
    Config::SetDefault("ns3::TcpSocket::InitialCwnd", UintegerValue(10));
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(window));
    Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(window));
    Config::SetDefault("ns3::TcpSocket::ConnTimeout", TimeValue(Seconds(1)));
    Config::SetDefault("ns3::TcpSocketBase::MinRto", TimeValue(MilliSeconds(200)));
    // Closed sockets linger in a list that is searched for every packet: not for long.
    Config::SetDefault("ns3::TcpSocketBase::MaxSegLifetime", DoubleValue(0.02));

    std::mt19937_64 random(seed);
    std::exponential_distribution<double> gap(load * rate * 1e6 / 8 / mean);
    std::lognormal_distribution<double> size(std::log(mean) - sigma * sigma / 2, sigma);
    double at = 0;
    for (uint32_t i = 0; i < flows; ++i) {
        at += gap(random);
        g_flows.push_back({at, std::max<uint64_t>(1, std::llround(size(random)))});
    }

    uint64_t wire = rate * 1e6;
    std::string bytes = std::to_string(uint64_t(buffer / 1e3 * wire / 8)) + "B";
    NodeContainer ends;
    ends.Create(2);
    InternetStackHelper stack;
    NodeContainer clients;
    if (access > 0) clients.Create(users);
    stack.Install(ends);
    stack.Install(clients);
    PointToPointHelper link;
    link.SetDeviceAttribute("DataRate", DataRateValue(DataRate(wire)));
    link.SetChannelAttribute("Delay", TimeValue(Seconds(rtt / 2e3 - (access > 0 ? 1e-4 : 0))));
    link.SetQueue("ns3::DropTailQueue", "MaxSize", QueueSizeValue(QueueSize(bytes)));
    NetDeviceContainer devices = link.Install(ends);
    Ipv4AddressHelper net("10.0.0.0", "255.255.255.252");
    Ipv4InterfaceContainer faces = net.Assign(devices);
    TrafficControlHelper plain;
    plain.Uninstall(devices);
    g_queue = DynamicCast<PointToPointNetDevice>(devices.Get(0))->GetQueue();
    g_queue->TraceConnectWithoutContext("BytesInQueue", MakeCallback(&Held));
    g_queue->TraceConnectWithoutContext("DropBeforeEnqueue", MakeCallback(&Dropped));

    std::vector<Ipv4Address> receivers;
    if (access > 0) {
        PointToPointHelper own;
        own.SetDeviceAttribute("DataRate", DataRateValue(DataRate(uint64_t(access * 1e6))));
        own.SetChannelAttribute("Delay", TimeValue(Seconds(1e-4)));
        own.SetQueue("ns3::DropTailQueue", "MaxSize", QueueSizeValue(QueueSize(std::to_string(uint64_t(0.1 * access * 1e6 / 8)) + "B")));
        for (uint32_t i = 0; i < users; ++i) {
            NetDeviceContainer pair = own.Install(ends.Get(1), clients.Get(i));
            net.NewNetwork();
            receivers.push_back(net.Assign(pair).GetAddress(1));
            plain.Uninstall(pair);
        }
        Ipv4GlobalRoutingHelper::PopulateRoutingTables();
    } else {
        receivers.push_back(faces.GetAddress(1));
    }
    for (size_t i = 0; i < receivers.size(); ++i) {
        Ptr<Node> node = access > 0 ? clients.Get(i) : ends.Get(1);
        Ptr<Socket> listener = Socket::CreateSocket(node, TcpSocketFactory::GetTypeId());
        listener->Bind(InetSocketAddress(Ipv4Address::GetAny(), 80));
        listener->Listen();
        listener->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
                                    MakeBoundCallback(&Accept, receivers[i].Get()));
    }
    std::uniform_int_distribution<size_t> any(0, receivers.size() - 1);
    for (size_t i = 0; i < g_flows.size(); ++i) {
        size_t who = any(random);
        Simulator::Schedule(Seconds(g_flows[i].start), &Start, i, ends.Get(0),
                            Address(InetSocketAddress(receivers[who], 80)), receivers[who].Get());
    }
    Simulator::Stop(Seconds(at + 60));
    Simulator::Run();
    std::fprintf(stderr, "%zu of %zu flows ended; %lu packets dropped; mean queue %.3f ms\n", g_ended, g_flows.size(),
                 g_dropped, g_area / at * 8 / wire * 1e3);
    for (const Flow& flow : g_flows) std::printf("%.9f,%lu,%.9f,%u,%zu\n", flow.start, flow.bytes, flow.end, flow.queued, flow.others);
    Simulator::Destroy();
}
