//! The Chinese side of the help of `hopcast simulate`.

/// What the help says in English, without its final period, and in Chinese.
pub(super) const SENTENCES: &[(&str, &str)] = &[
    (
        "Replay transfers through one link: when each of them ends, and how long its users waited",
        "让传输重新通过一条链路：每次传输何时结束、用户等了多久",
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
        "Rate of the link, e.g. 500M; replaces what the policy says",
        "链路速率，例如 500M；取代策略中的值",
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
        "Write the rows with finish_s and duration_s appended to this file",
        "把各行写入此文件，末尾追加 finish_s 与 duration_s",
    ),
    (
        "duration_s has all its digits where finish_s - arrival_s has lost them. Both are empty for a transfer whose class is never granted anything",
        "duration_s 保留全部有效位，而 finish_s - arrival_s 会丢失尾数。业务类始终分不到带宽的传输，两列均为空",
    ),
    ("Print the figures as JSON", "以 JSON 输出各项数值"),
];
