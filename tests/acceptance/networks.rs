//! Networks of one's own: nobody else's can be seen, joined or taken away, and
//! no two have the same addresses.

use std::collections::BTreeSet;

use crate::configuration::{append, copied};
use crate::harness::{Gate, Person, root_docker};

fn inspect(format: &str, object: &str) -> String {
    root_docker(["network", "inspect", "-f", format, object])
        .output()
        .success()
        .trim()
        .to_owned()
}

#[test]
fn anothers_network_does_not_exist() {
    let (alice, mallory) = (Person::fresh("alice"), Person::fresh("mallory"));
    let hers = alice.dock(["network", "create", "lab"]).output().success();
    let hers = hers.trim();
    let web = [
        "run",
        "-d",
        "--name",
        "web",
        "--network",
        "lab",
        "busybox",
        "sleep",
        "1000",
    ];
    let web = alice.dock(web).output().success();
    let run = ["run", "-d", "--name", "mine", "busybox", "sleep", "1000"];
    mallory.dock(run).output().success();
    let before = inspect("{{json .}}", hers);
    for reference in [
        hers,
        &hers[..12],
        "lab",
        &alice.real("lab"),
        &alice.real("default"),
    ] {
        let missing = format!("network {reference} not found");
        for words in [
            vec!["network", "connect", reference, "mine"],
            vec!["network", "disconnect", "-f", reference, "mine"],
        ] {
            mallory.dock(words).output().fails(1, &missing);
        }
        // An older CLI has words of its own here.
        for verb in ["inspect", "rm"] {
            let output = mallory.dock(["network", verb, reference]).output();
            let old = format!("Error: No such network: {reference}");
            assert_eq!(output.code, 1, "{output:?}");
            assert!(
                output.err().contains(&missing) || output.err().contains(&old),
                "{output:?}"
            );
        }
        let words = ["run", "--rm", "--network", reference, "busybox", "true"];
        mallory.dock(words).output().fails(125, &missing);
    }
    // Her container cannot be taken into mallory's network either.
    mallory
        .dock(["network", "create", "trap"])
        .output()
        .success();
    for container in [web.trim(), "web", &alice.real("web")] {
        let words = ["network", "connect", "trap", container];
        let missing = format!("No such container: {container}");
        mallory.dock(words).output().fails(1, &missing);
    }
    assert_eq!(inspect("{{json .}}", hers), before);
    let seen = mallory
        .dock(["network", "ls", "--no-trunc"])
        .output()
        .success();
    assert!(!seen.contains(hers) && !seen.contains("lab"), "{seen}");
    // The twin: what is hers she can use by each of these references but the real name.
    for reference in [hers, &hers[..12], "lab"] {
        alice
            .dock(["network", "inspect", reference])
            .output()
            .success();
    }
    alice.clear();
    mallory.clear();
}

#[test]
fn two_make_networks_at_once_and_none_has_the_others_addresses() {
    let people = [Person::fresh("alice"), Person::fresh("bob")];
    let making: Vec<_> = people
        .iter()
        .flat_map(|person| {
            (0..5).map(move |number| {
                let name = format!("net{number}");
                person.dock(["network", "create", &name]).spawn()
            })
        })
        .collect();
    let mut ids = Vec::new();
    for making in making {
        ids.push(making.output().success().trim().to_owned());
    }
    let subnets: BTreeSet<String> = ids
        .iter()
        .map(|id| inspect("{{range .IPAM.Config}}{{.Subnet}}{{end}}", id))
        .collect();
    assert_eq!(subnets.len(), ids.len(), "{subnets:?}");
    // One name, asked for at the same time: one of them has it.
    let same = || people[0].dock(["network", "create", "same"]).spawn();
    let codes: Vec<i32> = [same(), same()].map(|making| making.output().code).to_vec();
    assert!(codes.contains(&0) && codes.contains(&1), "{codes:?}");
    for person in &people {
        person.clear();
    }
}

#[test]
fn a_space_has_as_many_networks_as_addresses_and_a_prune_makes_room() {
    let alice = Person::fresh("alice");
    for number in 1..=7 {
        let name = format!("net{number}");
        alice.dock(["network", "create", &name]).output().success();
    }
    let one_more = || alice.dock(["network", "create", "more"]).output();
    one_more().fails(1, "[rule network.count]");
    alice.dock(["network", "rm", "net3"]).output().success();
    one_more().success();
    // The default network has its place beside them.
    let words = ["run", "--rm", "busybox", "true"];
    alice.dock(words).output().success();
    alice.clear();
}

#[test]
fn neither_small_subnets_nor_the_engines_pools_are_a_way_to_more_networks() {
    let mallory = Person::fresh("mallory");
    let gate = Gate::open(&mallory);
    let create = |version: &str, body: serde_json::Value| {
        let target = format!("{version}/networks/create");
        gate.request("POST", &target, Some(&body.to_string()))
    };
    let subnet = |id: &str| inspect("{{range .IPAM.Config}}{{.Subnet}}{{end}}", id);
    // To engines before API 1.48 the field is nothing, and neither it is to the gate.
    let body = serde_json::json!({"Name": "first", "EnableIPv4": false});
    let first = create("/v1.41", body.clone());
    assert_eq!(first.status, 201, "{first:?}");
    let own = subnet(first.json()["Id"].as_str().unwrap());
    let block = own.rsplit_once('.').unwrap().0;
    assert!(block.starts_with("10."), "{own}");
    let newest = ["version", "-f", "{{.Server.APIVersion}}"];
    let newest = root_docker(newest).output().success();
    let minor: u8 = newest.trim().trim_start_matches("1.").parse().unwrap();
    if minor >= 48 {
        let body = serde_json::json!({"Name": "bare", "EnableIPv4": false});
        let text = create("", body).text();
        assert!(text.contains("IPv4 or IPv6 must be enabled"), "{text}");
    }
    mallory.dock(["network", "rm", "first"]).output().success();
    let small = |number: usize| {
        let range = serde_json::json!({"Subnet": format!("{block}.{}/29", number * 8)});
        let name = format!("small{number}");
        create(
            "",
            serde_json::json!({"Name": name, "IPAM": {"Config": [range]}}),
        )
    };
    for number in 0..7 {
        let made = small(number);
        assert_eq!(made.status, 201, "{made:?}");
    }
    let text = small(7).text();
    assert!(text.contains("[rule network.count]"), "{text}");
    drop(gate);
    mallory.clear();
}

#[test]
fn a_default_network_that_is_not_made_yet_is_shown_as_it_will_be() {
    let alice = Person::fresh("alice");
    let gateway = |person: &Person| {
        let format = "{{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}{{end}}";
        person
            .dock(["network", "inspect", "-f", format, "bridge"])
            .output()
            .success()
    };
    let unmade = gateway(&alice);
    let words = ["run", "-d", "busybox", "sleep", "1000"];
    alice.dock(words).output().success();
    assert_eq!(gateway(&alice), unmade);
    assert_eq!(
        inspect(
            "{{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}{{end}}",
            &alice.real("default")
        ),
        unmade.trim()
    );
    alice
        .dock(["network", "rm", "bridge"])
        .output()
        .fails(1, "bridge is a pre-defined network and cannot be removed");
    let listed = ["network", "ls", "--format", "{{.Name}} {{.Driver}}"];
    let listed = alice.dock(listed).output().success();
    let listed: BTreeSet<&str> = listed.lines().collect();
    assert_eq!(
        listed,
        BTreeSet::from(["bridge bridge", "host host", "none null"])
    );
    alice.clear();
}

#[test]
fn an_administrator_opens_ranges_and_ipv6() {
    let alice = Person::fresh("alice");
    let ranges = r#"{"Name":"fixed","IPAM":{"Config":[{"Subnet":"172.28.77.0/24","Gateway":"172.28.77.254"}]}}"#;
    let ipv6 = r#"{"Name":"six","EnableIPv6":true}"#;
    let closed = Gate::open(&alice);
    for (body, rule) in [(ranges, "network.subnet"), (ipv6, "network.ipv6")] {
        let answer = closed.request("POST", "/v1.41/networks/create", Some(body));
        assert_eq!(answer.status, 403, "{answer:?}");
        assert!(answer.message().contains(rule), "{answer:?}");
    }
    let folder = copied();
    let keys = "\n[network]\nuser_subnets = [\"172.28.0.0/16\"]\npool6 = \"fd00:d0c::/32\"\n";
    append(&folder.join("dock.toml"), keys);
    let open = Gate::open_with_configuration(&alice, &folder);
    for body in [ranges, ipv6] {
        let answer = open.request("POST", "/v1.41/networks/create", Some(body));
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    let subnets = "{{range .IPAM.Config}}{{.Subnet}} {{.Gateway}};{{end}}";
    assert_eq!(
        inspect(subnets, &alice.real("fixed")),
        "172.28.77.0/24 172.28.77.254;"
    );
    let six = inspect(subnets, &alice.real("six"));
    assert!(six.contains("fd00:d0c:") && six.contains("10."), "{six}");
    // The same range again is somebody's by now, whoever asks.
    let again = ranges.replace("fixed", "again");
    let answer = open.request("POST", "/v1.41/networks/create", Some(&again));
    assert!(answer.message().contains("Pool overlaps"), "{answer:?}");
    // A fixed address, and a name that leads to it.
    let run = |words: &[&str]| alice.dock(words).output().success();
    run(&[
        "run",
        "-d",
        "--name",
        "web",
        "--network",
        "fixed",
        "--ip",
        "172.28.77.7",
        "busybox",
        "sleep",
        "1000",
    ]);
    let words = [
        "run",
        "--rm",
        "--network",
        "fixed",
        "busybox",
        "ping",
        "-c",
        "1",
        "-w",
        "5",
        "web",
    ];
    assert!(run(&words).contains("172.28.77.7"));
    run(&[
        "run",
        "-d",
        "--name",
        "two",
        "--network",
        "six",
        "busybox",
        "sleep",
        "1000",
    ]);
    let words = [
        "run",
        "--rm",
        "--network",
        "six",
        "busybox",
        "ping",
        "-6",
        "-c",
        "1",
        "-w",
        "5",
        "two",
    ];
    assert!(run(&words).contains("1 packets received"));
    alice.clear();
}

#[test]
fn containers_of_two_people_cannot_reach_each_other_on_any_network() {
    let (alice, mallory) = (Person::fresh("alice"), Person::fresh("mallory"));
    alice.dock(["network", "create", "lab"]).output().success();
    let listen = "while :; do echo hers | nc -l -p 8080; done";
    let words = [
        "run",
        "-d",
        "--name",
        "web",
        "--network",
        "lab",
        "busybox",
        "sh",
        "-c",
        listen,
    ];
    alice.dock(words).output().success();
    let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    let address = alice
        .dock(["inspect", "-f", format, "web"])
        .output()
        .success();
    mallory
        .dock(["network", "create", "lab"])
        .output()
        .success();
    let reach = format!("nc -w 2 {address} 8080 < /dev/null");
    for network in ["bridge", "lab"] {
        let words = [
            "run",
            "--rm",
            "--network",
            network,
            "busybox",
            "sh",
            "-c",
            &reach,
        ];
        let reached = mallory.dock(words).output();
        assert!(!reached.out().contains("hers"), "{network}: {reached:?}");
        // Nor is there a name to ask for.
        for name in ["web", &alice.real("web")] {
            let words = [
                "run",
                "--rm",
                "--network",
                network,
                "busybox",
                "nslookup",
                name,
            ];
            let found = mallory.dock(words).output();
            assert!(!found.out().contains(&address), "{network}: {found:?}");
        }
    }
    let words = [
        "run",
        "--rm",
        "--network",
        "lab",
        "busybox",
        "sh",
        "-c",
        &reach,
    ];
    assert_eq!(alice.dock(words).output().success(), "hers");
    alice.clear();
    mallory.clear();
}
