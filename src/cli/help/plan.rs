//! The Chinese side of the help of the planner's commands, but for `hopcast calc`.

/// What the help says in English, without its final period, and in Chinese.
pub(super) const SENTENCES: &[(&str, &str)] = &[
    // check
    (
        "Check topology and scenario files: every problem with its file, line and column",
        "检查拓扑文件与方案文件：列出每个问题的文件、行、列",
    ),
    ("Topology or scenario files", "拓扑文件或方案文件"),
    ("Print the problems as JSON", "以 JSON 输出问题"),
    // compare
    (
        "Compare scenarios: the table people decide by, and in DIR its data and charts",
        "比较各方案：输出供决策的表格，并把数据与图写入 DIR",
    ),
    (
        "Scenario files (a topology file is a scenario that changes nothing); the first is what the others are compared with",
        "方案文件（拓扑文件视为不作改动的方案）；其余方案都与第一个比较",
    ),
    (
        "Folder for the data (JSON, CSV) and the charts (SVG, PNG)",
        "存放数据（JSON、CSV）与图（SVG、PNG）的目录",
    ),
    (
        "A font file for characters that the built-in font does not have",
        "字体文件，用于内置字体缺少的字",
    ),
    (
        "A font file for characters that the built-in font does not have (svg and png)",
        "字体文件，用于内置字体缺少的字（svg 和 png）",
    ),
    (
        "Print every metric, not only those that matter most",
        "输出全部指标，而不只是最重要的",
    ),
    ("Print the comparison as JSON", "以 JSON 输出比较结果"),
    (
        "Simulate the first month's working day of every scenario too: means and p95 with intervals, paired differences, minutes of pain, and where the analytic answer differs",
        "同时仿真各方案第一个月的工作日：平均与 p95 及其区间、逐次试验的差、受影响的分钟数，以及解析模型与之不同之处",
    ),
    // schema
    (
        "Print the JSON Schema of a kind of file, so that an editor completes and checks it",
        "输出某类文件的 JSON Schema，供编辑器补全与检查",
    ),
    ("The kind of file", "文件的类型"),
    (
        "A network and what its users ask of it",
        "网络，以及用户对它的需求",
    ),
    ("A named set of changes", "一组有名称的改动"),
    // share
    (
        "What each class of a link is granted, and why",
        "链路上每个业务类分得多少带宽，以及原因",
    ),
    (
        "Classes: a CSV table (rows of one `mix` are one link) or a TOML file",
        "业务类：CSV 表格（`mix` 相同的各行属于同一条链路）或 TOML 文件",
    ),
    (
        "CSV columns, `class` required, others by default: rep, mix (one link), link_mbit (--link), tbf_mbit (no line behind), parent (root, the link), kind (leaf, inner: by parents), offered (greedy; or Mbit/s, or onoff: on for half of the time), guarantee (0 Mbit/s; inner: sum of its children), ceil (the link's rate), prio (0, the first), quantum (guarantee/8/10 bytes, 1000 to 200000), users and per_user_mbit (no limit), queue_frames (247) and period_s (4) of onoff. measured_mbit is never read. Appended: share_mbit, empty where the tree does not decide, share_low_mbit, share_high_mbit, why",
        "CSV 的列，class 必填，其余可缺省（括号内为缺省值）：rep、mix（同一条链路）、link_mbit（取 --link）、tbf_mbit（其后没有线路限速）、parent（root，即链路本身）、kind（leaf 或 inner，由 parent 推断）、offered（greedy；也可写 Mbit/s 数值，或 onoff：一半时间发送）、guarantee（0 Mbit/s；inner 为其子类之和）、ceil（链路速率）、prio（0，最先）、quantum（guarantee/8/10 字节，限于 1000 到 200000）、users 与 per_user_mbit（不限）、onoff 的 queue_frames（247）与 period_s（4）。measured_mbit 从不读取。追加的列：share_mbit（类树无法确定时为空）、share_low_mbit、share_high_mbit、why",
    ),
    (
        "TOML keys: link, line, preset, excess, oversubscription; [class.NAME] parent, guarantee, ceiling, priority, quantum, demand, users, per_user, queue, period",
        "TOML 的键：link、line、preset、excess、oversubscription；[class.NAME] 下为 parent、guarantee、ceiling、priority、quantum、demand、users、per_user、queue、period",
    ),
    (
        "Rate of the link, e.g. 500M; replaces what the file says",
        "链路速率，例如 500M；取代文件中的值",
    ),
    (
        "Whose rule shares the excess; replaces what the file says [default: linux-htb]",
        "按谁的规则分配剩余带宽；取代文件中的值 [缺省：linux-htb]",
    ),
    (
        "The HTB discipline of the Linux kernel",
        "Linux 内核的 HTB 队列规则",
    ),
    (
        "Bandwidth channels of Sangfor IAM (AC) appliances",
        "深信服上网行为管理（AC）的带宽通道",
    ),
    (
        "Traffic shaping profiles of FortiGate",
        "FortiGate 的流量整形策略",
    ),
    ("Answer as JSON", "以 JSON 输出"),
    (
        "Answer as CSV: the rows of the file with the shares appended",
        "以 CSV 输出：文件原有各行，末尾追加份额",
    ),
    (
        "Write the answer to this file (CSV unless --json)",
        "把结果写入此文件（未用 --json 时为 CSV）",
    ),
    // show
    (
        "Show a topology, or the topology that a scenario makes: the path, every table, every origin",
        "显示拓扑，或方案改动后的拓扑：路径图、全部表格、每个值的来源",
    ),
    ("Topology or scenario file", "拓扑文件或方案文件"),
    (
        "One journey hop by hop, there and back; in drawings it is highlighted with step numbers",
        "逐跳显示一条路径的去程与回程；在图中突出显示并标出步号",
    ),
    (
        "Every value with its origin, reason and place, and the defaults taken (tables only; JSON always has them)",
        "列出每个值的来源、依据与位置，以及采用的缺省值（仅用于表格；JSON 总是包含）",
    ),
    (
        "List every unit instead of sums",
        "逐个列出单位，而不是汇总",
    ),
    ("How to show it", "显示方式"),
    (
        "Tables and a drawing for the terminal",
        "适合终端的表格与图",
    ),
    ("Data", "数据"),
    ("The map as Graphviz text", "Graphviz 文本形式的图"),
    ("The map as Mermaid text", "Mermaid 文本形式的图"),
    ("The map as a drawing", "矢量图"),
    ("The map as a picture (needs --out)", "位图（需要 --out）"),
    (
        "Write to this file instead of standard output",
        "写入此文件，而不是标准输出",
    ),
];
