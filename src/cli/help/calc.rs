//! The Chinese side of the help of `hopcast calc`.

/// What the help says in English, without its final period, and in Chinese.
pub(super) const SENTENCES: &[(&str, &str)] = &[
    (
        "One closed form: refusals, waits, sharing, TCP rates, growth; with its source",
        "计算一个闭式公式：呼损、等待、共享、TCP 速率、增长，并注明出处",
    ),
    (
        "Print data instead of a table (schema hopcast.calc/1; times in s, rates in bit/s)",
        "输出数据而不是表格（格式 hopcast.calc/1；时间单位 s，速率单位 bit/s）",
    ),
    // The forms.
    (
        "Sessions refused when nobody waits, or the slots for a target (VPN licences)",
        "无等待时被拒的会话，或达到目标所需的会话数（VPN 授权）",
    ),
    (
        "Chance to wait when nobody is refused, or the servers for a target",
        "无呼损时需要等待的概率，或达到目标所需的服务台数",
    ),
    (
        "Sessions refused to a finite number of users",
        "用户数有限时被拒的会话",
    ),
    (
        "Refusals per class when sessions of several sizes share one capacity",
        "多种大小的会话共享一份容量时各类的呼损",
    ),
    (
        "Sessions dropped by lost keep-alives, with losses single and in bursts (VPN on an idle line)",
        "保活丢失而断开的会话，丢包为单个或突发（空闲线路上的 VPN）",
    ),
    (
        "One server, exponential service: times and their quantiles",
        "单台服务器，指数服务时间：各时间及其分位数",
    ),
    (
        "A pool of servers, exponential service: times and their quantiles",
        "服务器组，指数服务时间：各时间及其分位数",
    ),
    (
        "One server, constant service: waits and their quantiles",
        "单台服务器，固定服务时间：等待时间及其分位数",
    ),
    (
        "One server, any service: the mean wait",
        "单台服务器，任意服务时间：平均等待时间",
    ),
    (
        "A pool of servers, any arrivals and service, approximately (Kingman's form for one server)",
        "服务器组，任意到达与服务，近似解（一台时为 Kingman 公式）",
    ),
    (
        "One link shared equally: how much longer than alone",
        "平分的链路：比独占时慢多少",
    ),
    (
        "The same where each transfer has a greatest rate of its own",
        "同上，但每个传输各有速率上限",
    ),
    (
        "TCP rate under light random loss (Reno)",
        "轻微随机丢包下的 TCP 速率（Reno）",
    ),
    (
        "TCP rate under loss, with timeouts (Reno)",
        "丢包下含超时的 TCP 速率（Reno）",
    ),
    ("TCP rate under loss (CUBIC)", "丢包下的 TCP 速率（CUBIC）"),
    (
        "TCP rate that the receive window allows",
        "接收窗口允许的 TCP 速率",
    ),
    (
        "Capacity that leaves room for fluctuation",
        "为波动留出余量的容量",
    ),
    (
        "Capacity for self-similar traffic and a buffer",
        "自相似流量配合缓冲区所需的容量",
    ),
    (
        "Demand that grows by the same amount every year",
        "每年增量不变的需求",
    ),
    (
        "Demand that grows by the same part every year",
        "每年增长比例不变的需求",
    ),
    ("Demand that grows to a saturation", "增长到饱和的需求"),
    (
        "Adoption by own choice and by imitation",
        "自主采用与跟随采用（Bass 扩散）",
    ),
    (
        "Quantile of Student's t, for the interval of a few batches",
        "学生 t 分布的分位数，用于少数几批的置信区间",
    ),
    // Sessions.
    (
        "Offered load in erlangs: sessions that would run if none were refused",
        "以 erl 计的话务量：假如无一被拒，同时进行的会话数",
    ),
    (
        "Number of servers (session slots), whole or not",
        "服务台数（会话数），可以不是整数",
    ),
    (
        "Find the fewest servers that refuse at most this part, e.g. \"0.1 %\"",
        "求呼损不超过该比例的最少服务台数，例如 \"0.1 %\"",
    ),
    (
        "Offered load in erlangs: servers busy in the mean",
        "以 erl 计的话务量：平均繁忙的服务台数",
    ),
    ("Number of servers, whole or not", "服务台数，可以不是整数"),
    (
        "Find the fewest servers at which at most this part waits, e.g. \"5 %\"",
        "求等待比例不超过该值的最少服务台数，例如 \"5 %\"",
    ),
    (
        "Number of users who may ask for a session",
        "可能请求会话的用户数",
    ),
    ("Number of session slots", "会话数上限"),
    (
        "Load that one user offers while without a session, in erlangs (request rate times session length)",
        "一个用户没有会话时的话务量，以 erl 计（请求率乘以会话时长）",
    ),
    (
        "Time between two keep-alives, e.g. 10s",
        "两次保活的间隔，例如 10s",
    ),
    (
        "Keep-alives lost in a row that end the session",
        "连续丢失几次保活即断开会话",
    ),
    (
        "Packets lost in the long run, one way, e.g. \"0.4 %\"",
        "长期平均的单向丢包率，例如 \"0.4 %\"",
    ),
    (
        "The losses come in bursts of this mean length, e.g. 20s",
        "丢包成段突发，各段的平均长度，例如 20s",
    ),
    ("Packets lost in a burst, one way", "突发段内的单向丢包率"),
    ("Capacity in units", "以单位数计的容量"),
    (
        "One class as ERLANGSxUNITS, e.g. 5x1; repeat for more",
        "一类会话，写成 话务量x单位数，例如 5x1；可重复",
    ),
    // Servers.
    (
        "Load as a part of capacity, e.g. \"70 %\"",
        "负载占容量的比例，例如 \"70 %\"",
    ),
    (
        "Mean service time, e.g. \"20 ms\"",
        "平均服务时间，例如 \"20 ms\"",
    ),
    (
        "Quantile to give, e.g. \"95 %\"; repeat for more",
        "要给出的分位数，例如 \"95 %\"；可重复",
    ),
    ("Number of servers", "服务器台数"),
    (
        "Squared coefficient of variation of the service time (0 constant, 1 exponential)",
        "服务时间的平方变异系数（0 为固定，1 为指数分布）",
    ),
    (
        "Instead: lognormal service with this standard deviation of the logarithm",
        "或者：服务时间为对数正态分布，此为其对数的标准差",
    ),
    (
        "Number of servers; 1 gives Kingman's form",
        "服务器台数；1 即 Kingman 公式",
    ),
    (
        "Squared coefficient of variation of the times between arrivals (1 for Poisson)",
        "到达间隔的平方变异系数（泊松到达为 1）",
    ),
    // Links.
    (
        "Mean time of a transfer that has the link to itself, e.g. \"80 ms\"",
        "独占链路时的平均传输时间，例如 \"80 ms\"",
    ),
    (
        "Also for a transfer that takes this long when it has the link to itself",
        "另求独占链路时需要这么久的传输",
    ),
    (
        "Capacity of the link, e.g. \"500 Mbit/s\"",
        "链路容量，例如 \"500 Mbit/s\"",
    ),
    (
        "Greatest rate of one transfer, e.g. \"10 Mbit/s\"",
        "单个传输的速率上限，例如 \"10 Mbit/s\"",
    ),
    (
        "Load as a part of capacity, e.g. \"90 %\"",
        "负载占容量的比例，例如 \"90 %\"",
    ),
    (
        "Also the mean time of a transfer of this size",
        "另求该大小的平均传输时间",
    ),
    (
        "Mean rate, e.g. \"286 Mbit/s\"",
        "平均速率，例如 \"286 Mbit/s\"",
    ),
    (
        "Allowed chance that the averaged rate exceeds the capacity, e.g. \"1 %\"",
        "允许平均后的速率超过容量的概率，例如 \"1 %\"",
    ),
    (
        "Standard deviation of the rate over the averaging time that matters, e.g. \"30 Mbit/s\"",
        "速率在所关心的平均时间上的标准差，例如 \"30 Mbit/s\"",
    ),
    (
        "Instead of the deviation: mean size of one transfer, e.g. \"2 MB\"",
        "代替标准差：单个传输的平均大小，例如 \"2 MB\"",
    ),
    (
        "Coefficient of variation of that size (lognormal)",
        "该大小的变异系数（对数正态分布）",
    ),
    (
        "Rate of one transfer while it lasts, e.g. \"20 Mbit/s\"",
        "单个传输进行时的速率，例如 \"20 Mbit/s\"",
    ),
    ("Averaging time, e.g. \"1 s\"", "平均时间，例如 \"1 s\""),
    (
        "Variance of the amount in one second divided by the mean rate, e.g. \"187.5 kB\"",
        "一秒内数据量的方差除以平均速率，例如 \"187.5 kB\"",
    ),
    (
        "Hurst parameter: 0.5 without memory, to below 1",
        "Hurst 参数：无记忆为 0.5，须小于 1",
    ),
    (
        "Buffer in front of the link, e.g. \"3 MB\"",
        "链路前的缓冲区，例如 \"3 MB\"",
    ),
    (
        "Allowed chance that the buffer overflows, e.g. \"0.1 %\"",
        "允许缓冲区溢出的概率，例如 \"0.1 %\"",
    ),
    // TCP.
    ("Maximum segment size", "最大报文段长度"),
    (
        "Round-trip time, e.g. \"40 ms\"",
        "往返时间，例如 \"40 ms\"",
    ),
    (
        "Packet loss rate, e.g. \"0.01 %\"",
        "丢包率，例如 \"0.01 %\"",
    ),
    ("Segments per acknowledgement", "每个确认对应的报文段数"),
    ("First retransmission timeout", "首次重传超时"),
    (
        "Receive window, e.g. \"64 KiB\"",
        "接收窗口，例如 \"64 KiB\"",
    ),
    // Growth.
    (
        "Give the demand after this many years",
        "求这么多年后的需求",
    ),
    (
        "Give the years until the demand first reaches this level",
        "求需求首次达到该水平所需的年数",
    ),
    ("Demand today, in any one unit", "当前需求，单位自定"),
    ("Change per year, in the same unit", "每年变化量，单位相同"),
    (
        "Growth per year, e.g. \"25 %\"",
        "每年增长率，例如 \"25 %\"",
    ),
    ("Saturation, in the same unit", "饱和值，单位相同"),
    (
        "Rate of the curve per year, e.g. 0.35",
        "曲线的年速率，例如 0.35",
    ),
    (
        "All who will ever adopt; 1 gives the part of them",
        "最终采用者总数；1 表示结果为其比例",
    ),
    ("Coefficient of innovation p per year", "创新系数 p（每年）"),
    ("Coefficient of imitation q per year", "模仿系数 q（每年）"),
    (
        "Probability below the quantile; a two-sided 95 % interval needs \"97.5 %\"",
        "分位数以下的概率；双侧 95 % 区间应取 \"97.5 %\"",
    ),
    (
        "Degrees of freedom: one less than the batches",
        "自由度：批数减一",
    ),
];
