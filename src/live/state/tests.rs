//! The keys of mtr, one after another.

use proptest::prelude::*;

use super::*;

fn shape() -> Shape {
    Shape {
        targets: 3,
        distances: vec![1, 2, 3, 4],
        focus: Some(3),
    }
}

fn fresh() -> State {
    State::new(Duration::from_secs(1), false)
}

/// The state after `typed`, and what its last key asked for.
fn after(typed: &str) -> (State, Option<Action>) {
    let mut state = fresh();
    let mut action = None;
    for key in super::super::keys::keys(typed.as_bytes()) {
        action = state.press(key, &shape());
    }
    (state, action)
}

#[test]
fn quitting_suspending_and_resetting_are_asked_of_the_run() {
    for quit in ["q", "\u{3}", "h\u{3}", "i\u{3}"] {
        assert_eq!(after(quit).1, Some(Action::Quit), "{quit:?}");
    }
    assert_eq!(after("\u{1a}").1, Some(Action::Suspend));
    assert_eq!(after("\u{c}").1, Some(Action::Repaint));
    assert_eq!(after("r").1, Some(Action::Reset));
    assert_eq!(after("c").1, Some(Action::Reset));
}

#[test]
fn p_pauses_and_only_space_goes_on() {
    assert!(after("p").0.paused && after("pp").0.paused);
    assert!(!after("p ").0.paused && !after(" ").0.paused);
}

#[test]
fn a_hop_is_chosen_from_where_the_view_looked() {
    let chosen = |typed| after(typed).0.chosen;
    assert_eq!(chosen("j"), Some(4));
    assert_eq!(chosen("jj"), Some(4));
    assert_eq!(chosen("k"), Some(2));
    assert_eq!(chosen("\u{1b}[A\u{1b}[A"), Some(1));
    assert_eq!(chosen("\u{1b}[H"), Some(1));
    assert_eq!(chosen("\u{1b}[H\u{1b}[6~"), Some(4));
    assert_eq!(chosen("k\u{1b}"), None);
    // The first escape leaves the enlarged hop, the second the choice.
    assert_eq!(chosen("k\r\u{1b}"), Some(2));
    let nothing = Shape::default();
    let mut state = fresh();
    state.press(Key::Down, &nothing);
    assert_eq!(state.chosen, None);
}

#[test]
fn targets_go_round() {
    let target = |typed| after(typed).0.target;
    assert_eq!(
        (target("\t"), target("\t\t\t"), target("\u{1b}[Z")),
        (1, 0, 2)
    );
    // Another path has other hops.
    assert_eq!(after("k\t").0.chosen, None);
}

#[test]
fn a_prompt_takes_letters_that_are_commands_elsewhere() {
    let (state, action) = after("oqdr");
    assert_eq!(action, None);
    assert_eq!(state.prompt.unwrap().typed, "LSNABWVqdr");
    assert_eq!(state.display, Display::Figures);
}

#[test]
fn columns_are_chosen_by_letters_and_a_wrong_one_is_told() {
    let (state, _) = after("o\u{15}lnw\r");
    assert_eq!(state.columns, [Field::Loss, Field::Newest, Field::Worst]);
    let (state, _) = after("o\u{15}lq\r");
    assert_eq!(state.columns, latency());
    let refused = state.prompt.unwrap().refused.unwrap();
    assert!(
        refused.en.contains("\"q\"") && refused.zh.contains("L Loss%"),
        "{refused:?}"
    );
    // Nothing chosen is mtr's own choice; escape changes nothing.
    assert_eq!(after("o\u{15}l\ro\u{15}\r").0.columns, latency());
    assert_eq!(after("o\u{15}l\u{1b}").0.columns, latency());
    assert_eq!(after("J").0.columns, jitter());
    assert_eq!(after("JJ").0.columns, latency());
}

#[test]
fn an_interval_is_seconds_within_bounds() {
    let (state, action) = after("i\u{15}0.5\r");
    let half = Duration::from_millis(500);
    assert_eq!(
        (state.interval, action),
        (half, Some(Action::Interval(half)))
    );
    for wrong in ["0", "0.001", "-1", "x", "nan", "1e9", ""] {
        let (state, action) = after(&format!("i\u{15}{wrong}\r"));
        assert_eq!(
            (state.interval, action),
            (Duration::from_secs(1), None),
            "{wrong}"
        );
        assert!(state.prompt.unwrap().refused.is_some());
    }
    assert_eq!(after("i").0.prompt.unwrap().typed, "1");
    assert_eq!(after("i\u{7f}2\r").0.interval, Duration::from_secs(2));
}

#[test]
fn help_opens_and_any_key_closes_it_and_does_nothing_else() {
    assert!(after("h").0.help && after("?").0.help);
    let (state, action) = after("hq");
    assert!(!state.help && action.is_none());
}

#[test]
fn what_is_not_available_live_is_said() {
    for key in ["z", "u", "t"] {
        assert!(after(key).0.notice.is_some());
    }
    assert_eq!(after("zj").0.notice, None);
}

#[test]
fn switches_go_to_and_fro_and_unknown_keys_do_nothing() {
    assert_eq!(after("d").0.display, Display::History);
    assert_eq!(after("dd").0.display, Display::Nodes);
    assert_eq!(after("ddd").0, fresh());
    for key in ["n", "e", "\r"] {
        assert_ne!(after(key).0, fresh());
        assert_eq!(after(&key.repeat(2)).0, fresh());
    }
    for key in ["x", "X", "5", "中", "\u{1b}[15~", "\u{7f}"] {
        assert_eq!(after(key), (fresh(), None), "{key:?}");
    }
}

proptest! {
    #[test]
    fn whatever_is_typed_a_choice_is_one_of_those_there_are(
        bytes in prop::collection::vec(any::<u8>(), 0..200), targets in 0usize..5, hops in 0u8..5,
    ) {
        let shape = Shape {
            targets,
            distances: (1..=hops).collect(),
            focus: (hops > 0).then_some(1),
        };
        let mut state = fresh();
        for key in super::super::keys::keys(&bytes) {
            state.press(key, &shape);
            prop_assert!(state.target < targets.max(1));
            prop_assert!(state.chosen.is_none_or(|own| shape.distances.contains(&own)));
            prop_assert!(!state.columns.is_empty());
            let typed = state.prompt.as_ref().map_or(0, |prompt| prompt.typed.chars().count());
            prop_assert!(typed <= LONGEST_ANSWER);
        }
    }
}
