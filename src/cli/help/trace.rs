//! The Chinese side of the help of `hopcast trace`.

/// What the help says in English, without its final period, and in Chinese.
pub(super) const SENTENCES: &[(&str, &str)] = &[
    (
        "Trace the path to a host, without any privilege, and report every hop",
        "追踪到主机的路径并报告每一跳，无需任何特权",
    ),
    (
        "Host names or addresses; with a topology nodes of the journey, too (default: its turning point)",
        "主机名或地址；有拓扑文件时也可写路径上的节点（缺省为折返点）",
    ),
    (
        "Read more hosts from this file, one a line; - reads standard input",
        "从文件读取更多主机，每行一个；- 表示标准输入",
    ),
    (
        "Report when the sweeps are done, also on a terminal",
        "各轮结束后输出报告，在终端上也是如此",
    ),
    (
        "Watch live: the default on a terminal when no format and no number of sweeps is asked for",
        "实时查看：在终端上且未指定格式与轮数时为缺省",
    ),
    (
        "Cut no name; add percentiles, jitter, the loss interval and the verdict",
        "不截断名称；增加分位数、抖动、丢包区间与判断",
    ),
    (
        "Number of sweeps (default: 10; live: without end)",
        "探测轮数（缺省：10；实时查看时不限）",
    ),
    (
        "Seconds between the starts of two sweeps",
        "相邻两轮开始时刻之间的秒数",
    ),
    ("Last distance to probe", "探测的最大跳数"),
    ("First distance to probe", "探测的起始跳数"),
    (
        "Seconds after which a reply is late",
        "超过这么多秒的应答算作迟到",
    ),
    (
        "Seconds to wait for replies after the last probe (default: 3 times the worst time, at least 0.1)",
        "最后一个探测之后等待应答的秒数（缺省：最长时延的 3 倍，至少 0.1）",
    ),
    (
        "How to probe (default: udp on Linux, echo elsewhere)",
        "探测方式（缺省：Linux 上为 udp，其他系统为 echo）",
    ),
    (
        "UDP datagrams; needs no privilege (Linux)",
        "UDP 数据报；无需特权（Linux）",
    ),
    (
        "ICMP echo; needs ping sockets or CAP_NET_RAW (Linux)",
        "ICMP 回显；需要 ping 套接字或 CAP_NET_RAW（Linux）",
    ),
    (
        "TCP connection attempts to a port; needs no privilege (Linux)",
        "向某端口尝试建立 TCP 连接；无需特权（Linux）",
    ),
    (
        "TCP SYN without a connection; needs CAP_NET_RAW (Linux)",
        "只发 TCP SYN、不建立连接；需要 CAP_NET_RAW（Linux）",
    ),
    (
        "ICMP echo to the end host only",
        "ICMP 回显，只探测目标主机",
    ),
    ("Same as --method udp", "等同于 --method udp"),
    ("Same as --method tcp", "等同于 --method tcp"),
    (
        "Port to aim at (udp: 33434 unless given; tcp and syn: the service's)",
        "目标端口（udp 缺省为 33434；tcp 与 syn 为服务的端口）",
    ),
    ("Port to leave from", "发出探测的本机端口"),
    (
        "Bytes of a probe with its headers",
        "探测包的字节数，含首部",
    ),
    (
        "The byte of DSCP and ECN in every probe",
        "每个探测包的 DSCP 与 ECN 字节",
    ),
    (
        "Let no router break a probe into fragments",
        "不允许路由器把探测包分片",
    ),
    ("Leave from this address", "从本机的这个地址发出"),
    ("Leave by this interface", "从这个网络接口发出"),
    ("Use IPv4 only", "只用 IPv4"),
    ("Use IPv6 only", "只用 IPv6"),
    (
        "Ask each router at most so often a second, all hosts together (default: once; one host: once per sweep)",
        "每秒最多询问每台路由器这么多次，所有主机合计（缺省：一次；只有一台主机时每轮一次）",
    ),
    (
        "Ask the host's own service, too, by TCP to this port: it vouches where ICMP is limited (default with udp: the topology's port; or 443, of one host or when sweeps come faster than once a second)",
        "同时用 TCP 询问主机自己的服务端口：在 ICMP 受限时为路径作证（udp 缺省：拓扑文件写明的端口；只有一台主机或每秒多于一轮时为 443）",
    ),
    ("Do not ask the host's service", "不询问主机的服务端口"),
    (
        "Take so many flows in turn, to see routers that spread load",
        "轮流使用这么多条流，以看到分担负载的路由器",
    ),
    (
        "Try flows at each hop until a further branch would have been seen with 95 %",
        "在每一跳尝试不同的流，直到若有更多分支则已有 95 % 的把握看到",
    ),
    (
        "Whether probes keep their ports, or count them up as the first traceroute did",
        "探测包的端口是否保持不变，或像最早的 traceroute 那样逐个递增",
    ),
    (
        "All probes of a flow look alike and take one path",
        "同一条流的探测包外观相同，走同一条路径",
    ),
    (
        "The port counts up, so each probe may take a path of its own (udp)",
        "端口逐个递增，每个探测包可能各走各路（udp）",
    ),
    (
        "Find the largest packet that passes whole, up to this size, and where it stops",
        "找出不分片能通过的最大报文（不超过此大小），以及卡在何处",
    ),
    (
        "Show addresses only: the default, taken for the sake of habit",
        "只显示地址：本来就是缺省行为，为照顾习惯而接受",
    ),
    (
        "Ask name servers for the names of hops; they learn what is being traced",
        "向域名服务器查询各跳的名称；对方会知道正在追踪什么",
    ),
    (
        "Show names and addresses; asks name servers as --names does",
        "同时显示名称与地址；与 --names 一样会查询域名服务器",
    ),
    (
        "Ask this name server instead of the system's: an address, with :PORT if it is not 53",
        "改向这台域名服务器查询：地址，端口不是 53 时加 :端口",
    ),
    (
        "Show the number of each hop's network, from --atlas",
        "显示每一跳所属网络的编号，取自 --atlas",
    ),
    (
        "A CSV file of networks: prefix,asn,name[,place]. Nobody else is asked",
        "网络的 CSV 文件：prefix,asn,name[,place]。不询问任何外部服务",
    ),
    (
        "Columns by mtr's letters: L D R S N B A V W G J M X I",
        "用 mtr 的字母选列：L D R S N B A V W G J M X I",
    ),
    ("How to print", "输出格式"),
    ("mtr's report, with verdicts", "mtr 样式的报告，附判断"),
    (
        "Everything, with mtr's field names",
        "全部数据，沿用 mtr 的字段名",
    ),
    ("mtr's comma-separated report", "mtr 样式的逗号分隔报告"),
    ("mtr's raw lines, as they happen", "mtr 的 raw 行，随时输出"),
    ("A framed table", "带框线的表格"),
    ("A Markdown table", "Markdown 表格"),
    ("A graph for Graphviz", "Graphviz 图"),
    ("The path of each flow", "每条流的路径"),
    (
        "A line for each hop of each sweep, as they happen",
        "每轮每跳一行，随时输出",
    ),
    ("A line of JSON for each probe", "每个探测一行 JSON"),
    ("Same as --format json", "等同于 --format json"),
    ("Same as --format csv", "等同于 --format csv"),
    ("Same as --format raw", "等同于 --format raw"),
    (
        "Compare with a journey of this topology file",
        "与此拓扑文件中的一条路径比较",
    ),
    ("The journey to compare with", "要比较的路径"),
    (
        "Do not ask the nodes of the journey's side loops, which the way to a host does not pass",
        "不探测路径上支路环的节点（通往主机的路不经过它们）",
    ),
    (
        "Let the topology's own model answer instead of a network; nothing is sent",
        "由拓扑文件的模型代替网络应答；不发送任何报文",
    ),
    ("Seed of the model's randomness", "模型的随机种子"),
];
