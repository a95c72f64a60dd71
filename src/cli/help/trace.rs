//! The Chinese side of the help of `hopcast trace`.

/// What the help says in English, without its final period, and in Chinese.
pub(super) const SENTENCES: &[(&str, &str)] = &[
    (
        "Trace the path to a host, without any privilege, and report every hop",
        "追踪到主机的路径并报告每一跳，无需任何特权",
    ),
    (
        "Host name or address; in the lab a node of the journey (default: its turning point)",
        "主机名或地址；使用 --lab 时为路径上的节点（缺省为折返点）",
    ),
    ("Number of sweeps", "探测轮数"),
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
        "How to probe (default: udp on Linux, echo elsewhere)",
        "探测方式（缺省：Linux 上为 udp，其他系统为 echo）",
    ),
    (
        "UDP datagrams; needs no privilege (Linux)",
        "UDP 数据报；无需特权（Linux）",
    ),
    (
        "TCP connection attempts to a port; needs no privilege (Linux)",
        "向某端口尝试建立 TCP 连接；无需特权（Linux）",
    ),
    (
        "ICMP echo to the end host only",
        "ICMP 回显，只探测目标主机",
    ),
    ("Same as --method udp", "等同于 --method udp"),
    ("Same as --method tcp", "等同于 --method tcp"),
    (
        "Port to aim at (udp: 33434 unless given; tcp: must be given)",
        "目标端口（udp 缺省为 33434；tcp 必须给出）",
    ),
    (
        "Bytes of a udp or echo probe with its headers",
        "udp 或 echo 探测包的字节数，含首部",
    ),
    ("Use IPv4 only", "只用 IPv4"),
    ("Use IPv6 only", "只用 IPv6"),
    (
        "Show addresses only: the default, taken for the sake of habit",
        "只显示地址：本来就是缺省行为，为照顾习惯而接受",
    ),
    (
        "Ask name servers for the names of hops; they learn what is being traced",
        "向域名服务器查询各跳的名称；对方会知道正在追踪什么",
    ),
    (
        "Cut no name; add percentiles, jitter, the loss interval and the verdict",
        "不截断名称；增加分位数、抖动、丢包区间与判断",
    ),
    ("Print JSON", "输出 JSON"),
    (
        "Compare with a journey of this topology file",
        "与此拓扑文件中的一条路径比较",
    ),
    ("The journey to compare with", "要比较的路径"),
    (
        "Let the topology's own model answer instead of a network; nothing is sent",
        "由拓扑文件的模型代替网络应答；不发送任何报文",
    ),
    ("Seed of the model's randomness", "模型的随机种子"),
];
