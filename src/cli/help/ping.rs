//! The Chinese side of the help of `hopcast ping`.

/// What the help says in English, without its final period, and in Chinese.
pub(super) const SENTENCES: &[(&str, &str)] = &[
    (
        "Port to aim at (unless given, udp: 33434, dns: 53, tls: 443, http: 80; tcp, syn: must be given)",
        "目标端口（缺省：udp 33434、dns 53、tls 443、http 80；tcp 与 syn 必须给出）",
    ),
    (
        "What name servers are asked (--method dns), and for which type of records",
        "向域名服务器查询的名称与记录类型（--method dns）",
    ),
    (
        "The URL to ask for (--method http); each host is asked for it, or else the one in it",
        "要请求的网址（--method http）；向每台主机请求，未写主机时用网址中的主机",
    ),
    (
        "Trust the certificates of this PEM file alone (--method tls, http)",
        "只信任此 PEM 文件中的证书（--method tls、http）",
    ),
    (
        "DNS queries; the hosts are name servers; needs no privilege (Linux)",
        "DNS 查询，主机为域名服务器；无需特权（Linux）",
    ),
    (
        "TLS handshakes; needs no privilege (Linux)",
        "TLS 握手；无需特权（Linux）",
    ),
    (
        "HTTP requests; needs no privilege (Linux)",
        "HTTP 请求；无需特权（Linux）",
    ),
    (
        "Ping many hosts at once, in the lines and with the exit codes of fping",
        "同时 ping 多台主机，输出行与退出码同 fping",
    ),
    (
        "Hosts: names or addresses; with -g a network, or a first and a last address",
        "主机：名称或地址；使用 -g 时为一个网段，或首末两个地址",
    ),
    (
        "Read the hosts from a file, one a line, - for standard input; what follows a host is its label",
        "从文件读取主机，每行一个，- 表示标准输入；主机之后的文字是它的标签",
    ),
    (
        "Ping every address of a network (192.0.2.0/24), or from a first to a last address",
        "ping 一个网段（192.0.2.0/24）的每个地址，或从首地址到末地址",
    ),
    (
        "Ping all addresses of a name, not only the first",
        "ping 名称的全部地址，而不只是第一个",
    ),
    (
        "Send so many probes to each host and show every reply",
        "向每台主机发送这么多个探测，并显示每个应答",
    ),
    (
        "The same, and list every round trip at the end",
        "同上，并在最后列出每次往返时间",
    ),
    ("Ping until interrupted", "一直 ping，直到被中断"),
    (
        "Milliseconds between two probes to one host",
        "对同一主机相邻两次探测之间的毫秒数",
    ),
    (
        "Milliseconds between any two probes",
        "任意两次探测之间的毫秒数",
    ),
    (
        "Milliseconds that a reply is waited for (default: 500; with -c, -C or -l the period, from 500 to 2000)",
        "等待应答的毫秒数（缺省：500；使用 -c、-C 或 -l 时为周期，限于 500 到 2000）",
    ),
    (
        "How often a silent host is asked again (without -c, -C and -l)",
        "主机无应答时再问几次（不用 -c、-C、-l 时）",
    ),
    (
        "By how much each further reply is waited for longer, 1 to 5",
        "每多问一次，等待时间增至几倍，1 到 5",
    ),
    ("How to probe", "探测方式"),
    ("ICMP echo", "ICMP 回显"),
    (
        "UDP datagrams to a closed port; needs no privilege (Linux)",
        "向关闭的端口发 UDP 数据报；无需特权（Linux）",
    ),
    (
        "Bytes of ping data; 20 are needed to know a probe again",
        "数据的字节数；辨认探测需要 20 字节",
    ),
    (
        "Fill probes with random bytes, so that no link compresses them",
        "以随机字节填充探测包，使链路无法压缩",
    ),
    ("TTL or hop limit of the probes", "探测包的 TTL 或跳数限制"),
    (
        "Type of service of the probes, decimal or 0x hexadecimal",
        "探测包的服务类型，十进制或 0x 十六进制",
    ),
    ("Forbid fragmentation", "禁止分片"),
    ("Send from this address", "从此地址发送"),
    ("Send by this interface", "从此接口发送"),
    ("Show only hosts that are alive", "只显示可达的主机"),
    ("Show only hosts that are unreachable", "只显示不可达的主机"),
    (
        "Say whether at least N hosts are reachable; the exit code says the same",
        "说明是否至少有 N 台主机可达；退出码同义",
    ),
    (
        "Show no single replies and no errors",
        "不显示单个应答与错误",
    ),
    (
        "The same, and show figures every so many seconds",
        "同上，并每隔这么多秒显示一次统计",
    ),
    (
        "Show final figures over all hosts",
        "最后显示全部主机的总计",
    ),
    (
        "Show for how long nothing came back: missing probes times the period",
        "显示中断时长：无应答的探测数乘以周期",
    ),
    (
        "Show round trips of hosts that are alive",
        "显示可达主机的往返时间",
    ),
    (
        "Show the time of day, in seconds since 1970, before each reply",
        "在每个应答之前显示时刻（1970 年以来的秒数）",
    ),
    ("Show hosts by address", "以地址显示主机"),
    (
        "Show hosts that were given by address by name; this asks a name server",
        "以名称显示用地址给出的主机；会查询域名服务器",
    ),
    (
        "Show all hosts by the name that their address has; this asks a name server",
        "以地址对应的名称显示全部主机；会查询域名服务器",
    ),
    (
        "Print figures for Netdata every -Q seconds",
        "每隔 -Q 秒输出供 Netdata 使用的统计",
    ),
    (
        "Print JSON: at the end, and with -Q a line for each interval",
        "输出 JSON：在结束时；使用 -Q 时每个间隔一行",
    ),
];
