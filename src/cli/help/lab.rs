//! The Chinese side of the help of `hopcast lab`.

/// What the help says in English, without its final period, and in Chinese.
pub(super) const SENTENCES: &[(&str, &str)] = &[
    (
        "Build the network that a file describes, and run a program in it",
        "搭起文件所描述的网络，并在其中运行程序",
    ),
    (
        "The path is made on this machine, in namespaces of its own; nothing is sent outside. The program runs where the journey begins, and the node where it turns answers on its ports. Needs root or a machine that allows user namespaces",
        "路径搭在本机自己的命名空间里，不向外发送任何报文。程序在路径的起点运行，折返点的节点在其服务端口上应答。需要 root，或者本机允许用户命名空间",
    ),
    #[cfg(feature = "plan")]
    (
        "A client, a server and the path between them, for the lab",
        "客户端、服务器及其间的路径，用于实验网络",
    ),
    (
        "A topology file, or a world file",
        "拓扑文件，或实验网络文件",
    ),
    (
        "The journey to build (default: the only one)",
        "要搭的路径（只有一条时可省略）",
    ),
    (
        "Seed of everything that is drawn by lot",
        "一切随机取值的种子",
    ),
    (
        "What to run, with its arguments (default on a terminal: $SHELL; else the nodes are shown and nothing is run)",
        "要运行的程序及其参数（终端上缺省为 $SHELL；否则只显示各节点，不运行任何程序）",
    ),
];
