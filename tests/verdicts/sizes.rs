//! The largest packet that passes, and who says so.

use std::thread;

use serde_json::{Value, json};

use super::*;

fn searched(world: &World, ipv6: bool) -> (Told, Value) {
    let target = world.target(ipv6).to_string();
    let told = Told::one(&world.hopcast(&with(&target, &["--mtu", "-c", "1"])));
    let found = told.report["path_mtu"].clone();
    (told, found)
}

#[test]
fn steps_are_told_by_the_routers_before_them() {
    let Some(world) = built("mtu-steps") else {
        return;
    };
    for ipv6 in [false, true] {
        let (told, found) = searched(&world, ipv6);
        assert_eq!(
            (&found["mtu"], &found["too_large"]),
            (&1300.into(), &1301.into()),
            "{told}"
        );
        let [r1, r2] = ["r1", "r2"].map(|id| world.address(id, ipv6).to_string());
        let said = json!([
            { "responder": r1, "size": 1500, "passes": 1400 },
            { "responder": r2, "size": 1400, "passes": 1300 },
        ]);
        assert_eq!(found["told"], said);
        assert!(found["black_hole"].is_null() && found["own_limit"].is_null());
    }
}

#[test]
fn a_black_hole_is_found_though_nobody_tells_it() {
    let find = |ipv6| {
        let Some(world) = built("mtu-black-hole") else {
            return;
        };
        let (told, found) = searched(&world, ipv6);
        assert_eq!(
            (&found["mtu"], &found["too_large"]),
            (&1400.into(), &1401.into()),
            "{told}"
        );
        assert_eq!(found["told"], json!([]));
        let r1 = world.address("r1", ipv6).to_string();
        assert_eq!(
            found["black_hole"],
            json!({ "behind_hop": 1, "router": r1 })
        );
        assert!(world.line("r1", "r2").too_long > 0);
    };
    thread::scope(|scope| {
        scope.spawn(|| find(false));
        find(true);
    });
}

#[test]
fn a_path_without_a_narrow_link_is_as_wide_as_was_asked() {
    let Some(world) = built("silent") else { return };
    let (_, found) = searched(&world, false);
    assert_eq!(
        (&found["mtu"], &found["too_large"]),
        (&1500.into(), &Value::Null)
    );
}
