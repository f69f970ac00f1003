//! What the policy does not name is in no plan.

use dock_space::admin::Warned;
use dock_space::span::Span;
use proptest::prelude::*;

use super::super::pattern::Pattern;
use super::super::samples::{self, DAY, NOW, object, policy};
use super::*;

fn only(object: &Object, policy: &Policy) -> Option<Item> {
    plan(std::slice::from_ref(object), policy, NOW).pop()
}

fn action(object: &Object, policy: &Policy) -> Option<Action> {
    only(object, policy).map(|item| item.action)
}

fn sample(kind: Kind, state: State) -> Object {
    object(kind, Some("alice"), "x", state)
}

#[test]
fn each_kind_goes_by_its_own_age() {
    for (kind, state, key, expected) in [
        (Kind::Container, State::Running, "idle", Action::Stop),
        (Kind::Container, State::Ended, "containers", Action::Remove),
        (Kind::Network, State::Free, "networks", Action::Remove),
        (Kind::Volume, State::Free, "volumes", Action::Remove),
        (Kind::Image, State::Free, "images", Action::Remove),
    ] {
        let object = sample(kind, state);
        let mut named = policy();
        named.ages.retain(|name, _| *name == key);
        let item = only(&object, &named).unwrap();
        assert_eq!((item.action, item.rule), (expected, key));
        named.ages.insert(key, Span::days(101));
        assert_eq!(action(&object, &named), None, "{key}");
        let mut others = policy();
        others.ages.remove(key);
        assert_eq!(action(&object, &others), None, "{key}");
    }
}

#[test]
fn what_is_in_use_or_whose_age_nobody_knows_stays() {
    for kind in Kind::ALL {
        assert_eq!(action(&sample(kind, State::Busy), &policy()), None);
    }
    let mut blind = sample(Kind::Container, State::Running);
    blind.seen.idle_since = None;
    let mut ageless = sample(Kind::Network, State::Free);
    ageless.created = 0;
    for object in [blind, ageless] {
        assert_eq!(action(&object, &policy()), None);
    }
}

#[test]
fn an_age_begins_with_the_last_use() {
    let yesterday = Some(NOW - DAY);
    for (kind, state) in [
        (Kind::Container, State::Ended),
        (Kind::Network, State::Free),
        (Kind::Volume, State::Free),
        (Kind::Image, State::Free),
    ] {
        let mut used = sample(kind, state);
        used.seen.used = yesterday;
        assert_eq!(action(&used, &policy()), None, "{kind}");
        let mut arrived = sample(kind, state);
        match kind {
            Kind::Container => arrived.seen.ended = yesterday,
            _ => arrived.seen.arrived = yesterday,
        }
        assert_eq!(action(&arrived, &policy()), None, "{kind}");
    }
}

#[test]
fn a_label_a_pattern_and_an_exemption_keep() {
    let web = samples::container("alice", "web");
    let kept = |object: &Object, policy: &Policy| match action(object, policy) {
        Some(Action::Keep(reason)) => Some(reason),
        _ => None,
    };
    assert_eq!(kept(&web, &policy()), None);
    for (value, reason) in [
        ("", Some(Reason::Label)),
        ("true", Some(Reason::Label)),
        ("no", Some(Reason::Label)),
        ("false", None),
    ] {
        let mut labelled = web.clone();
        labelled.labels.insert("protected".into(), value.into());
        assert_eq!(kept(&labelled, &policy()), reason, "{value}");
    }
    let mut named = policy();
    named.protected.push(Pattern::new("alice/w*"));
    assert_eq!(kept(&web, &named), Some(Reason::Name));
    let mut exempt = policy();
    exempt.exempt.insert("u1005".into());
    assert_eq!(kept(&web, &exempt), Some(Reason::Exempt));
    let mut archived = policy();
    archived.volumes_without_archive = false;
    let volume = samples::volume("alice", "data");
    assert_eq!(kept(&volume, &archived), Some(Reason::NoArchive));
}

#[test]
fn owners_are_warned_once_and_then_it_goes() {
    let mut warned = policy();
    warned.warn = Span::days(3);
    let mut web = samples::container("alice", "web");
    let first = action(&web, &warned);
    let until = NOW + 3 * DAY;
    assert_eq!(first, Some(Action::Warn { until }));
    let mut at = |at, rule: &str| {
        web.seen.warned = Some(Warned {
            rule: rule.into(),
            at,
        });
        action(&web, &warned)
    };
    let day_before = NOW - DAY;
    assert_eq!(
        at(day_before, "containers"),
        Some(Action::Wait {
            until: day_before + 3 * DAY
        })
    );
    assert_eq!(at(NOW - 3 * DAY, "containers"), Some(Action::Remove));
    // Of something else, or by a clock that was wrong.
    assert_eq!(at(NOW - 3 * DAY, "idle"), Some(Action::Warn { until }));
    assert_eq!(at(NOW + DAY, "containers"), Some(Action::Warn { until }));
}

#[test]
fn what_has_no_author_is_ignored_reported_or_as_everybodys() {
    let stray = object(Kind::Container, None, "stray", State::Ended);
    let with = |unowned| Policy {
        unowned,
        ..policy()
    };
    assert_eq!(action(&stray, &with(Unowned::Ignore)), None);
    assert_eq!(action(&stray, &with(Unowned::Report)), Some(Action::Report));
    assert_eq!(action(&stray, &with(Unowned::Remove)), Some(Action::Remove));
    let mut own = object(Kind::Network, None, "bridge", State::Busy);
    own.built_in = true;
    assert_eq!(action(&own, &with(Unowned::Report)), None);
}

#[test]
fn an_image_goes_by_each_of_its_names() {
    let mut image = samples::image(&["a:1", "host:5000/b:2"]);
    image.digests = vec!["a@sha256:1".into(), "c@sha256:1".into()];
    let references = |image: &Object| only(image, &policy()).unwrap().references;
    assert_eq!(references(&image), ["a:1", "host:5000/b:2", "c@sha256:1"]);
    let dangling = samples::image(&[]);
    assert_eq!(references(&dangling), [dangling.id.as_str()]);
    assert_eq!(only(&dangling, &policy()).unwrap().rule, "dangling_images");
}

#[test]
fn the_order_is_that_in_which_things_can_go() {
    let objects = [
        samples::image(&["a:1"]),
        samples::volume("bob", "data"),
        sample(Kind::Network, State::Free),
        samples::container("bob", "web"),
        samples::container("alice", "web"),
        sample(Kind::Container, State::Running),
    ];
    let kinds: Vec<_> = plan(&objects, &policy(), NOW)
        .into_iter()
        .map(|item| (item.action.word(), item.kind))
        .collect();
    assert_eq!(
        kinds,
        [
            ("stop", Kind::Container),
            ("remove", Kind::Container),
            ("remove", Kind::Container),
            ("remove", Kind::Network),
            ("remove", Kind::Volume),
            ("remove", Kind::Image),
        ]
    );
}

fn any_object() -> impl Strategy<Value = Object> {
    let kind = prop::sample::select(Kind::ALL.to_vec());
    let state = prop::sample::select(vec![State::Running, State::Ended, State::Free, State::Busy]);
    let login = prop::option::of(prop::sample::select(vec!["alice", "bob"]));
    let moment = || prop::option::of(NOW - 60 * DAY..NOW + DAY);
    let label = prop::option::of(prop::sample::select(vec!["", "true", "false"]));
    let warned = prop::option::of((NOW - 10 * DAY..NOW + DAY, prop::bool::ANY));
    let times = (moment(), moment(), moment(), moment(), NOW - 60 * DAY..NOW);
    (kind, state, login, "[ab]{1,2}", times, label, warned).prop_map(
        |(kind, state, login, name, times, label, warned)| {
            let state = match (kind, state) {
                (Kind::Container, State::Free) => State::Ended,
                (Kind::Container, state) => state,
                (_, State::Busy) => State::Busy,
                _ => State::Free,
            };
            let mut made = object(kind, login, &name, state);
            (
                made.seen.arrived,
                made.seen.used,
                made.seen.idle_since,
                made.seen.ended,
                made.created,
            ) = times;
            if let Some(value) = label {
                made.labels.insert("protected".into(), value.into());
            }
            made.seen.warned = warned.map(|(at, same)| Warned {
                rule: if same { "containers" } else { "images" }.into(),
                at,
            });
            made
        },
    )
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let ages = prop::collection::btree_map(
        prop::sample::select(super::super::policy::AGES.to_vec()),
        (0u32..40).prop_map(Span::days),
        0..6,
    );
    let unowned = prop::sample::select(vec![Unowned::Ignore, Unowned::Report, Unowned::Remove]);
    let protected = prop::option::of(prop::sample::select(vec!["alice/*", "*a", "volume:*"]));
    let owner = prop::option::of(prop::sample::select(vec!["alice", "bob", "-"]));
    (
        ages,
        unowned,
        0u32..5,
        any::<(bool, bool)>(),
        protected,
        owner,
    )
        .prop_map(
            |(ages, unowned, warn, (archive, exempt), protected, owner)| {
                let mut made = policy();
                made.ages = ages;
                made.unowned = unowned;
                made.warn = Span::days(warn);
                made.volumes_without_archive = archive;
                made.protected = protected.into_iter().map(Pattern::new).collect();
                made.wanted.owners = owner.into_iter().map(str::to_owned).collect();
                if exempt {
                    made.exempt.insert("u1003".into());
                }
                made
            },
        )
}

/// Asked in another way than the planner asks: every reason why not.
fn may_go(object: &Object, policy: &Policy) -> bool {
    let age = |key: &str, since: Option<i64>| {
        let (Some(age), Some(since)) = (policy.ages.get(key), since) else {
            return false;
        };
        since + age.seconds() <= NOW
    };
    let seen = &object.seen;
    let latest = |moments: &[Option<i64>]| moments.iter().copied().max().flatten();
    let made = Some(object.created);
    let old = match (object.kind, object.state) {
        (_, State::Busy) => false,
        (Kind::Container, State::Running) => age("idle", seen.idle_since),
        (Kind::Container, _) => age("containers", latest(&[made, seen.used, seen.ended])),
        (kind, _) => age(
            match kind {
                Kind::Network => "networks",
                Kind::Volume => "volumes",
                _ => "images",
            },
            latest(&[made, seen.arrived, seen.used]),
        ),
    };
    let unprotected = object
        .labels
        .get("protected")
        .is_none_or(|value| value == "false")
        && !policy.protected.iter().any(|pattern| pattern.fits(object));
    let owner = object.owner.as_ref();
    let owned = owner.map_or("-", |owner| owner.login.as_str());
    let wanted =
        policy.wanted.owners.is_empty() || policy.wanted.owners.contains(&owned.to_owned());
    let kept = owner.is_some_and(|owner| policy.exempt.contains(&owner.space));
    let authored = object.kind == Kind::Image || owner.is_some();
    let archive = object.kind != Kind::Volume || policy.volumes_without_archive;
    old && unprotected
        && wanted
        && !kept
        && archive
        && (authored || policy.unowned == Unowned::Remove)
}

proptest! {
    #[test]
    fn nothing_goes_that_the_policy_does_not_name(
        objects in prop::collection::vec(any_object(), 0..30),
        policy in any_policy(),
    ) {
        let items = plan(&objects, &policy, NOW);
        for item in items.iter().filter(|item| item.action.is_deed()) {
            let object = objects.iter().find(|object| object.id == item.id).unwrap();
            let twins = objects.iter().filter(|object| object.id == item.id);
            prop_assert!(twins.clone().any(|object| may_go(object, &policy)), "{object:?}");
            if policy.warn > Span::default() {
                let waited = |object: &Object| object.seen.warned.as_ref().is_some_and(|warned| {
                    warned.rule == item.rule && warned.at + policy.warn.seconds() <= NOW
                });
                prop_assert!(twins.clone().any(waited));
            }
        }
        // And all of it goes where nobody is to be warned.
        if policy.warn.is_zero() {
            let due = objects.iter().filter(|object| may_go(object, &policy)).count();
            let deeds = items.iter().filter(|item| item.action.is_deed()).count();
            prop_assert_eq!(due, deeds);
        }
    }

    #[test]
    fn a_plan_names_each_object_once_and_is_the_same_twice(
        objects in prop::collection::vec(any_object(), 0..30),
        policy in any_policy(),
    ) {
        let items = plan(&objects, &policy, NOW);
        prop_assert!(items.len() <= objects.len());
        let mut shuffled = objects.clone();
        shuffled.reverse();
        let ids = |items: &[Item]| items.iter().map(|item| (item.id.clone(), item.action.word())).collect::<Vec<_>>();
        let (mut one, mut other) = (ids(&items), ids(&plan(&shuffled, &policy, NOW)));
        one.sort();
        other.sort();
        prop_assert_eq!(one, other);
    }
}
