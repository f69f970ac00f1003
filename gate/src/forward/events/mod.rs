//! `events`: what happens to the caller's own objects.
//!
//! The engine is asked for the events of containers, networks and volumes; each
//! is believed by its real name, which only the gate can give, turned into the
//! caller's words ([`shown`]), and only then held against the caller's filters
//! ([`filter`]). Events of images tell who pulls what, so nobody hears of them.

mod filter;
mod shown;

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use dock_space::label;
use hyper::StatusCode;

use super::body::{self, Answer};
use super::call::Call;
use super::lines::Line;
use super::{lines, resolve};
use crate::api::filters;
use crate::audit::Weight;
use crate::failure::Failure;
use crate::policy::{Facts, Operation};
use filter::Filter;
use shown::Witness;

/// How long a subscriber may not read. When the engine's own queue for one (1,024
/// events) is full, it waits a tenth of a second for it at each event of anybody's,
/// so whoever sleeps would slow everybody down.
const PATIENCE: Duration = Duration::from_secs(1);

/// `GET /events`
pub(crate) async fn events(mut call: Call<'_>) -> Result<Answer, Failure> {
    let since = call.query.take("since")?;
    let until = call.query.take("until")?;
    let asked = filters::parse(call.query.take("filters")?.as_deref())?;
    call.query.finish()?;
    let filter = Filter::new(asked);
    let space = call.space();
    let upstream = if filter.wants_containers_alone() {
        // So the engine sends nothing of others in the first place.
        HashMap::from([
            ("type".to_owned(), vec!["container".to_owned()]),
            (
                "label".to_owned(),
                vec![format!("{}={space}", label::SPACE)],
            ),
        ])
    } else {
        let kinds = ["container", "network", "volume"].map(str::to_owned);
        HashMap::from([("type".to_owned(), kinds.to_vec())])
    };
    let operation = Operation::Events {
        since,
        until,
        filters: upstream,
    };
    let permit = call.judge(Weight::Read, "", operation, &Facts::None)?;
    let mut witness = Witness::new(Rc::clone(&call.engine), space);
    if !filter.wants_containers_alone() {
        let own = resolve::own_containers(&call.engine, space).await?;
        witness
            .knows(own.into_iter().map(|container| container.id))
            .await?;
    }
    let answer = call.send(permit, None).await?;
    let body = lines::rewrite(answer.into_body(), PATIENCE, async move |line: &[u8]| {
        let Ok(event) = serde_json::from_slice(line) else {
            return Line::LeaveOut;
        };
        let shown = witness.shown(event).await;
        let fitting = shown.filter(|shown| filter.fits(shown));
        fitting
            .and_then(|shown| serde_json::to_vec(&shown).ok())
            .into()
    });
    Ok(body::with_body(StatusCode::OK, "application/json", body))
}
