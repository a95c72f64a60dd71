//! Screens of every size.

use proptest::prelude::*;

use super::*;

#[test]
fn a_small_screen_keeps_the_table_and_a_tiny_one_the_target() {
    let views = [view(path(10), None)];
    let of = |size| rows(&state(), &views, Lang::En, size);
    let small = of((20, 5));
    assert!(small[0].starts_with("Hop Host"), "{}", small[0]);
    assert!(small[0].contains("Loss%"), "{}", small[0]);
    // Three of four rows, the chosen one among them, and which.
    assert!(small[3].starts_with("> 4 192.0"), "{}", small.join("\n"));
    assert!(of((60, 5))[0].contains("2-4/4"));
    let line = &of((40, 1))[0];
    assert!(line.starts_with("20.0% 4.00 ms 4:"), "{line}");
    assert!(of((80, 8))[0].contains("oa.example"));
}

prop_compose! {
    fn fate()(
        kind in 0u8..6, by in 0u8..4, nanos in prop_oneof![0u64..2_000_000, any::<u64>()],
    ) -> Fate {
        let response = Response {
            responder: match by {
                3 => "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff".parse().unwrap(),
                other => router(other),
            },
            answer: if kind == 0 { Answer::Arrived(Arrival::Echo) } else { Answer::Passed },
            round_trip: Duration::from_nanos(nanos),
            stamp: Stamp::User,
            detail: None,
        };
        match kind {
            0..3 => Fate::Answered(response),
            3 => Fate::Late(response),
            4 => Fate::Lost,
            _ => Fate::Unsent(Text::same("x")),
        }
    }
}

prop_compose! {
    fn facts()(
        fates in prop::collection::vec((0u32..4000, 1u8.., fate(), any::<bool>()), 0..60),
        reached in prop::option::of(1u8..), start in prop_oneof![Just(0u64), any::<u64>()],
    ) -> Trace {
        let mut fates = fates;
        fates.sort_by_key(|(round, ..)| *round);
        let ended = fates.into_iter().map(|(round, distance, fate, sent)| {
            let mut ended = probe(round, distance, fate);
            let shifted = ended.sent.map(|sent| Moment(start.saturating_add(sent.0)));
            ended.sent = shifted.filter(|_| sent);
            ended
        });
        trace(ended.collect(), reached)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_size_and_no_facts_break_a_screen(
        (width, height) in (1u16..=200, 1u16..=60), traces in prop::collection::vec(facts(), 1..4),
        planned in any::<bool>(), typed in "[ pjkdnehJo\t\r\u{1b}]{0,12}", zh in any::<bool>(),
        name in "[a-z汉字\u{7}\u{1b}é👩‍🚀]{0,40}",
    ) {
        let lang = if zh { Lang::Zh } else { Lang::En };
        let views: Vec<View> = traces.into_iter().map(|trace| {
            let names = vec![(router(1), name.clone())];
            let mut about = about();
            about.target = name.clone();
            View::new(about, trace, planned.then(plan), &names)
        }).collect();
        let mut state = state();
        for key in keys::keys(typed.as_bytes()) {
            let shape = Shape {
                targets: views.len(),
                distances: views[state.target].report.rows.iter().map(|r| r.hop.distance).collect(),
                focus: views[state.target].focus(),
            };
            state.press(key, &shape);
        }
        rows(&state, &views, lang, (width, height));
    }
}
