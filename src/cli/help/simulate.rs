//! The Chinese side of the help of `hopcast simulate`.

/// What the help says in English, without its final period, and in Chinese.
pub(super) const SENTENCES: &[(&str, &str)] = &[
    (
        "Simulate a scenario's working day, act by act, or replay known transfers through one link",
        "逐次业务仿真一个方案的工作日，或让已知的传输重新通过一条链路",
    ),
    (
        "With SCENARIO: how long everything takes, what gets in the way of whom and when, each number with its interval over trials; Ctrl-C ends with what is known so far, marked partial, and the exit code 130. With --flows: when each transfer ends, and how long its users waited",
        "给出 SCENARIO：各业务耗时多少，何时、何处、影响谁，每个数值都带多次试验的区间；按 Ctrl-C 则以已知结果结束，标明未完成，退出码为 130。给出 --flows：每次传输何时结束、用户等了多久",
    ),
    (
        "Scenario file (a topology file is a scenario that changes nothing)",
        "方案文件（拓扑文件视为不作改动的方案）",
    ),
    (
        "Month of the horizon to simulate, e.g. 2022-06 (default: the first)",
        "仿真期限内的哪个月，例如 2022-06（缺省：第一个月）",
    ),
    (
        "Hours of the day to simulate, e.g. 14-18 (default: 8-18)",
        "仿真一天中的哪些整点时段，例如 14-18（缺省：8-18）",
    ),
    (
        "Seed of all random numbers (default: 1). Scenarios of one seed meet the same users",
        "全部随机数的种子（缺省：1）。同一种子的各方案遇到相同的用户",
    ),
    (
        "So many trials, whatever their precision",
        "试验次数，不论达到何种精度",
    ),
    (
        "Trials until half of the interval of every mean and p95 is at most this part of it (default: 5 %), at most 20",
        "反复试验，直到每个平均值与 p95 的区间半宽不超过其值的这一比例（缺省：5 %），最多 20 次",
    ),
    (
        "Transfers to replay: CSV with the columns arrival_s,bytes[,class][,user]",
        "要重放的传输：CSV，各列为 arrival_s,bytes[,class][,user]",
    ),
    (
        "arrival_s is in seconds from any moment, bytes is what the transfer carries. Rows may stand in any order. Transfers of a class share the class equally; those of one user share the user's limit where the policy sets one (a row without a user has no such limit)",
        "arrival_s 为自任一时刻起的秒数，bytes 为传输的字节数。各行次序不限。同一业务类的传输均分该类的带宽；策略规定了单用户限制时，同一用户的传输共用该限制（没有 user 的行不受此限）",
    ),
    (
        "Rate of the link that --flows passes, e.g. 500M; replaces what the policy says",
        "--flows 所经链路的速率，例如 500M；取代策略中的值",
    ),
    (
        "Classes of the link: one link in a file of `hopcast share` (default: all transfers share it)",
        "链路的业务类：`hopcast share` 的文件，只含一条链路（缺省：全部传输共享链路）",
    ),
    (
        "What the file says of demand and of a number of users is not read: the transfers are the demand. Only an inner class keeps users x per_user as its ceiling",
        "文件中的需求与用户数不读取：传输本身就是需求。只有 inner 类仍以 users x per_user 为上限",
    ),
    (
        "With SCENARIO a folder for data (JSON, CSV) and charts (SVG, PNG); with --flows a CSV file",
        "给出 SCENARIO 时为存放数据（JSON、CSV）与图（SVG、PNG）的目录；给出 --flows 时为 CSV 文件",
    ),
    (
        "The file holds the rows with finish_s and duration_s appended. duration_s has all its digits where finish_s - arrival_s has lost them. Both are empty for a transfer whose class is never granted anything",
        "文件中为各行，末尾追加 finish_s 与 duration_s。duration_s 保留全部有效位，而 finish_s - arrival_s 会丢失尾数。业务类始终分不到带宽的传输，两列均为空",
    ),
    ("Print the figures as JSON", "以 JSON 输出各项数值"),
];
