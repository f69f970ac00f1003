//! Every route of the gate's table: what names an object answers for somebody
//! else's as for nobody's, and for one's own with something else; what is not
//! served says so by its status.

use crate::harness::{Answer, Gate, Person};

/// A row of gate/src/api/route.rs.
struct Route {
    method: String,
    path: String,
    /// `Serve`, `Later`, `Refuse`, `Absent` or `NotASwarm`.
    answer: String,
}

/// The rows as they stand in the source: the gate is no library of ours.
fn routes() -> Vec<Route> {
    let text = include_str!("../../gate/src/api/route.rs");
    let rows = text.split("    row(").skip(1);
    let mut routes = Vec::new();
    for row in rows {
        let mut words = row.split('"').skip(1).step_by(2);
        let (Some(method), Some(path)) = (words.next(), words.next()) else {
            continue;
        };
        let rest = row.split_once(&format!("\"{path}\",")).unwrap().1;
        let answer = rest.trim_start();
        let end = answer.find(|c: char| !c.is_alphanumeric()).unwrap();
        routes.push(Route {
            method: method.into(),
            path: path.into(),
            answer: answer[..end].into(),
        });
    }
    assert!(
        routes.len() > 100,
        "the table is written in another way: {}",
        routes.len()
    );
    routes
}

/// The kinds of objects that have an owner, by the first word of their routes.
const OWNED: [&str; 4] = ["containers", "exec", "networks", "volumes"];

/// Bodies without which a request is not looked at.
fn body(path: &str) -> Option<String> {
    let text = match path {
        "networks/{id}/connect" | "networks/{id}/disconnect" => r#"{"Container":"web"}"#,
        "containers/{id}/exec" => r#"{"Cmd":["true"]}"#,
        "exec/{id}/start" => r#"{"Detach":true}"#,
        "containers/{id}/update" => r#"{"CpuShares":512}"#,
        _ => return None,
    };
    Some(text.to_owned())
}

/// An object of each owned kind, and the gate of their owner.
struct Space {
    gate: Gate,
    container: String,
    exec: String,
    network: String,
    person: Person,
}

impl Space {
    fn of(stem: &str) -> Space {
        let person = Person::fresh(stem);
        let run = |words: &[&str]| person.dock(words).output().success();
        let container = run(&["run", "-d", "--name", "web", "busybox", "sleep", "1000"]);
        let network = run(&["network", "create", "lab"]);
        run(&["volume", "create", "data"]);
        let gate = Gate::open(&person);
        let exec = r#"{"Cmd":["sleep","1000"]}"#;
        let exec = gate.request("POST", "/v1.41/containers/web/exec", Some(exec));
        let exec = exec.json()["Id"].as_str().unwrap().to_owned();
        Space {
            gate,
            container,
            exec,
            network,
            person,
        }
    }

    /// References to the object of that kind: by name where it has one, and by id.
    fn references(&self, kind: &str) -> Vec<String> {
        match kind {
            "containers" => vec![
                self.container.clone(),
                self.container[..12].to_owned(),
                self.person.real("web"),
            ],
            "exec" => vec![self.exec.clone()],
            "networks" => vec![
                self.network.clone(),
                self.network[..12].to_owned(),
                self.person.real("lab"),
            ],
            _ => vec![self.person.real("data")],
        }
    }
}

fn ask(gate: &Gate, route: &Route, reference: &str) -> Answer {
    let path = route
        .path
        .replace("{id}", reference)
        .replace("{name}", reference);
    let query = match route.path.as_str() {
        "containers/{id}/rename" => "?name=other",
        "containers/{id}/logs" => "?stdout=1",
        "containers/{id}/stats" => "?stream=0&one-shot=1",
        "containers/{id}/archive" => "?path=/etc",
        _ => "",
    };
    let target = format!("/v1.41/{path}{query}");
    gate.request(&route.method, &target, body(&route.path).as_deref())
}

#[test]
fn anothers_object_answers_on_every_route_as_nobodys() {
    let (alice, mallory) = (Space::of("alice"), Space::of("mallory"));
    let mut tried = 0;
    for route in routes().iter().filter(|route| route.answer == "Serve") {
        let kind = route.path.split('/').next().unwrap();
        if !route.path.contains('{') || !OWNED.contains(&kind) {
            continue;
        }
        for hers in alice.references(kind) {
            // A name of the same form that nobody has.
            let nobodys: String = hers
                .chars()
                .map(|c| match c {
                    'a'..='e' | '0'..='8' => char::from(c as u8 + 1),
                    other => other,
                })
                .collect();
            let (seen, unseen) = (
                ask(&mallory.gate, route, &hers),
                ask(&mallory.gate, route, &nobodys),
            );
            let line = format!("{} {}", route.method, route.path);
            assert_eq!(seen.status, 404, "{line} {hers}: {seen:?}");
            let words = |answer: &Answer, name: &str| answer.text().replace(name, "NAME");
            assert_eq!(
                (seen.status, words(&seen, &hers)),
                (unseen.status, words(&unseen, &nobodys)),
                "{line}"
            );
            tried += 1;
        }
    }
    assert!(tried > 60, "{tried}");
    // Nothing of it reached hers, and the twins: her own references lead somewhere.
    let inspect = |what: &str, object: &str| {
        let answer = alice
            .gate
            .request("GET", &format!("/v1.41/{what}/{object}"), None);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let hers = inspect("containers", &format!("{}/json", alice.container));
    assert_eq!(
        (&hers["Name"], &hers["State"]["Running"]),
        (&"/web".into(), &true.into())
    );
    assert_eq!(hers["HostConfig"]["CpuShares"], 0);
    inspect("networks", "lab");
    inspect("volumes", "data");
    inspect("exec", &format!("{}/json", alice.exec));
    for route in routes()
        .iter()
        .filter(|route| route.answer == "Serve" && route.method == "GET")
    {
        let own = match route.path.split('/').next().unwrap() {
            "containers" => "web",
            "exec" => alice.exec.as_str(),
            "networks" => "lab",
            "volumes" => "data",
            _ => continue,
        };
        if route.path.contains('{') {
            let answer = ask(&alice.gate, route, own);
            assert_eq!(
                answer.status, 200,
                "{} {}: {answer:?}",
                route.method, route.path
            );
        }
    }
    alice.person.clear();
    mallory.person.clear();
}

#[test]
fn what_is_not_served_says_so_by_its_status() {
    let alice = Person::fresh("alice");
    let gate = Gate::open(&alice);
    for route in routes() {
        let expected = match route.answer.as_str() {
            "Later" => 501,
            "Refuse" => 403,
            "Absent" => 404,
            "NotASwarm" => 503,
            _ => continue,
        };
        let path = route
            .path
            .replace("{name...}", "a/b")
            .replace(['{', '}'], "");
        let answer = gate.request(&route.method, &format!("/v1.41/{path}"), None);
        assert_eq!(
            answer.status, expected,
            "{} {}: {answer:?}",
            route.method, route.path
        );
    }
    // The twin of them all: a route that is served, on the same connection's gate.
    assert_eq!(gate.request("GET", "/v1.41/version", None).status, 200);
    assert_eq!(gate.request("GET", "/v1.41/versions", None).status, 404);
}
