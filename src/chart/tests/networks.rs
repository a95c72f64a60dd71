//! Maps to test and to look at: a city office platform of 14 nodes with its two journeys, and a
//! small network with redundant pairs.

use super::super::*;
use crate::lang::Lang;

/// Number, tier, kind, owner (city, carrier, province), Chinese and English label.
type Row = (u32, u32, Kind, usize, &'static str, &'static str);

const NODES: [Row; 14] = [
    (
        1,
        0,
        Kind::Terminal,
        3,
        "互联网用户\n手机 / 电脑",
        "Internet user\nphone, PC",
    ),
    (2, 1, Kind::Carrier, 1, "电信接入", "Telecom access"),
    (
        3,
        2,
        Kind::Gateway,
        0,
        "深信服 VPN\n信息中心边界",
        "Sangfor VPN\ncentre edge",
    ),
    (4, 3, Kind::Gateway, 0, "政务外网网关", "Extranet gateway"),
    (
        5,
        4,
        Kind::Network,
        0,
        "负载均衡\nNginx",
        "Load balancer\nNginx",
    ),
    (6, 5, Kind::Gateway, 2, "省网关", "Provincial gateway"),
    (7, 6, Kind::Server, 2, "粤政易平台", "Provincial app"),
    (
        8,
        7,
        Kind::Server,
        2,
        "省统一身份认证",
        "Provincial identity",
    ),
    (9, 6, Kind::Server, 2, "省校验服务", "Provincial check"),
    (
        10,
        5,
        Kind::Server,
        0,
        "OA 应用集群\n10 节点",
        "Office cluster\n10 nodes",
    ),
    (
        11,
        6,
        Kind::Storage,
        0,
        "数据库与文件存储",
        "Database, files",
    ),
    (12, 6, Kind::Server, 0, "WPS 与备用服务", "WPS, standby"),
    (13, 1, Kind::Network, 0, "单位外网接入", "Extranet access"),
    (
        14,
        0,
        Kind::Terminal,
        3,
        "政务外网用户\n办公电脑",
        "Extranet user\noffice PC",
    ),
];

const INTERNET: [usize; 23] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 6, 5, 10, 11, 10, 5, 6, 9, 8, 7, 6, 5, 4, 3,
];

/// The platform, perhaps with the walk of an internet user.
pub(crate) fn platform(lang: Lang, walk: bool) -> Map {
    let owners = [
        lang.pick("市数据局信息中心", "City information centre"),
        lang.pick("电信运营商", "Carrier"),
        lang.pick("省级平台", "Province"),
        lang.pick("用户", "Users"),
    ];
    let caption = Caption {
        title: if walk {
            lang.pick(
                "互联网用户：一次办公途经 25 站，四过省网关",
                "Internet user: 25 stops, four through the provincial gateway",
            )
        } else {
            lang.pick("协同办公平台全链路", "The office platform, end to end")
        }
        .to_string(),
        subtitle: lang
            .pick(
                "节点编号同建设方案；带宽为 2021-12 策略值",
                "Numbers as in the plan; rates as of 2021-12",
            )
            .to_string(),
        source: lang
            .pick(
                "来源：建设保障方案 V3.0；部分节点含义为推定。",
                "Source: the plan, V3.0; some nodes are our reading.",
            )
            .to_string(),
        marks: vec![lang.pick("含假设", "Has assumptions").to_string()],
        alt: lang
            .pick("14 个节点的拓扑图", "Map of 14 nodes")
            .to_string(),
    };
    let mut map = Map::new(lang, caption);
    for (number, tier, kind, owner, zh, en) in NODES {
        map.nodes.push(MapNode {
            id: format!("n{number}"),
            label: lang.pick(zh, en).split('\n').map(str::to_string).collect(),
            number: Some(number),
            tier: Some(tier),
            owner: owners[owner].to_string(),
            kind,
        });
    }
    let mut both = |a: usize, b: usize, label: &[&str], emphasis: bool, dashed: bool| {
        for (from, to) in [(a, b), (b, a)] {
            map.links.push(MapLink {
                from: from - 1,
                to: to - 1,
                label: label.iter().map(|line| line.to_string()).collect(),
                emphasis,
                dashed,
            });
        }
    };
    let guaranteed = lang.pick("保障 250 上限 300", "250 to 300 of");
    both(1, 2, &[lang.pick("20 ms", "20 ms")], false, false);
    both(2, 3, &[guaranteed, "500 Mbit/s"], true, false);
    both(3, 4, &["1 Gbit/s"], false, false);
    both(4, 5, &["1 Gbit/s"], false, false);
    both(5, 6, &["100 Mbit/s", "8 ms"], false, false);
    both(6, 7, &[], false, false);
    both(7, 8, &[], false, false);
    both(8, 9, &[], false, false);
    both(9, 6, &[], false, false);
    both(5, 10, &["10 Gbit/s"], false, false);
    both(10, 11, &["10 Gbit/s"], false, false);
    both(10, 12, &[lang.pick("备用", "standby")], false, true);
    both(14, 13, &["100 Mbit/s"], false, false);
    both(13, 3, &["1 Gbit/s"], false, false);
    if walk {
        let back = INTERNET.iter().chain(&[2, 1]).map(|number| number - 1);
        map.walk = Some(back.collect());
    }
    map
}

/// Two cores, two aggregation switches, four access switches, a link inside a tier, one that skips a
/// tier; no tiers stated when `tiers` is false.
pub(crate) fn redundant(lang: Lang, tiers: bool) -> Map {
    let mut map = Map::new(
        lang,
        Caption {
            title: lang.pick("双归园区网", "A dual-homed campus").to_string(),
            ..Caption::default()
        },
    );
    let names = [
        "核心一",
        "核心二",
        "汇聚一",
        "汇聚二",
        "接入一",
        "接入二",
        "接入三",
        "服务器",
    ];
    let ens = [
        "Core 1",
        "Core 2",
        "Aggregation 1",
        "Aggregation 2",
        "Access 1",
        "Access 2",
        "Access 3",
        "Server",
    ];
    let tier = [0, 0, 1, 1, 2, 2, 2, 3];
    for at in 0..8 {
        map.nodes.push(MapNode {
            id: format!("s{at}"),
            label: vec![lang.pick(names[at], ens[at]).to_string()],
            number: None,
            tier: tiers.then_some(tier[at]),
            owner: String::new(),
            kind: Kind::Network,
        });
    }
    let links = [
        (0, 1, "40G"),
        (0, 2, "10G"),
        (0, 3, "10G"),
        (1, 2, "10G"),
        (1, 3, "10G"),
        (2, 4, "1G"),
        (3, 4, "1G"),
        (2, 5, "1G"),
        (3, 5, "1G"),
        (3, 6, "1G"),
        (4, 7, "1G"),
        (0, 7, "25G"),
    ];
    for (from, to, label) in links {
        map.links.push(MapLink {
            from,
            to,
            label: vec![label.to_string()],
            ..MapLink::default()
        });
    }
    map
}

/// Every sample, by name.
pub(crate) fn maps(lang: Lang) -> Vec<(&'static str, Map)> {
    vec![
        ("map", platform(lang, false)),
        ("map-walk", platform(lang, true)),
        ("campus", redundant(lang, true)),
        ("campus-no-tiers", redundant(lang, false)),
    ]
}
