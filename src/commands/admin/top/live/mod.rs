//! The live view.
//!
//! One thread reads, one asks the engine for the disk now and then, this one
//! draws and listens to keys: a slow answer never makes the view deaf.

mod columns;
mod draw;
mod gauges;
mod keys;
mod look;
mod marks;
mod screen;
mod state;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::time::Duration;

use dock_space::admin::Usage;
use nix::poll::PollTimeout;

use super::plain::Plain;
use super::report::{Report, Sample};
use super::source::{Question, Source};
use crate::client::Client;
use crate::error::{Error, words};
use keys::{Heard, Keys};
use screen::Screen;
use state::{Asked, State};

pub(super) use look::Look;

/// How long what was read may wait for a key, in milliseconds.
const PATIENCE: u8 = 100;

/// The number of SIGHUP.
const HANGUP: u8 = 1;

/// From the first reading to the second, so that there are rates soon.
const FIRST: Duration = Duration::from_millis(300);

/// How often the disk is measured: the engine walks all of it.
const DISK: Duration = Duration::from_secs(60);

/// Shows the view until it is quit.
///
/// # Errors
/// What the gate says when it stops answering; a terminal that cannot be used.
pub(super) fn run(
    socket: &Path,
    plain: &Plain,
    look: Look,
    interval: Duration,
) -> Result<ExitCode, Error> {
    let mut state = State::new(plain.sort, plain.containers);
    let (wishes, wished) = channel();
    let (readings, read) = channel();
    let mut source = Source::new(socket.to_owned())?;
    let mut question = Question {
        containers: state.wants_containers(),
        disk: false,
    };
    // What stands in the way is said before the terminal is taken.
    let first = source.read(question)?;
    state.take(Report::new(None, &first));
    std::thread::spawn(move || {
        let outcome = keep_reading(
            &mut source,
            &mut question,
            first,
            interval,
            &wished,
            &readings,
        );
        if let Err(error) = outcome {
            let _ = readings.send(Err(error));
        }
    });
    measure_disk(socket)?;
    let mut screen = Screen::take()?;
    let shown = show(&mut screen, &mut state, look, &wishes, &read);
    let signal = screen.signal();
    drop(screen);
    match (signal, shown?) {
        // As a shell counts who was ended so.
        (Some(signal), _) => Ok(ExitCode::from(128 + signal)),
        (None, End::HungUp) => Ok(ExitCode::from(128 + HANGUP)),
        (None, End::Quit) => Ok(ExitCode::SUCCESS),
    }
}

/// Reads again and again, until nobody wants to see it.
fn keep_reading(
    source: &mut Source,
    question: &mut Question,
    first: Sample,
    interval: Duration,
    wished: &Receiver<bool>,
    readings: &Sender<Result<Report, Error>>,
) -> Result<(), Error> {
    let mut before = first;
    let mut pause = FIRST.min(interval);
    loop {
        match wished.recv_timeout(pause) {
            Ok(containers) => question.containers = containers,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        let now = source.read(*question)?;
        if readings.send(Ok(Report::new(Some(&before), &now))).is_err() {
            return Ok(());
        }
        // Containers that were just asked for have no rates yet.
        pause = match now.containers && !before.containers {
            true => FIRST.min(interval),
            false => interval,
        };
        before = now;
    }
}

/// Has the disk measured now and each minute; the gate keeps what was found for
/// the readings. An engine that does not answer leaves the last one.
fn measure_disk(socket: &Path) -> Result<(), Error> {
    let mut client = Client::new(socket.to_owned())?;
    std::thread::spawn(move || {
        loop {
            let _ = client.get::<Usage>("/dock/usage?disk=1");
            std::thread::sleep(DISK);
        }
    });
    Ok(())
}

/// What ended the view.
enum End {
    Quit,
    /// The terminal is gone; the signal that says so may be on its way.
    HungUp,
}

fn show(
    screen: &mut Screen,
    state: &mut State,
    look: Look,
    wishes: &Sender<bool>,
    read: &Receiver<Result<Report, Error>>,
) -> Result<End, Error> {
    let failed = |error: std::io::Error| Error::Terminal(words(&error));
    let mut keys = Keys::default();
    let mut size = None;
    let mut is_new = true;
    let mut containers = state.wants_containers();
    while screen.signal().is_none() {
        // Asked for and not told of: a size that was changed by a signal's word would
        // need the signal.
        let now = screen.terminal.size().map_err(failed)?;
        if is_new || size != Some(now) {
            let drawn = screen.terminal.draw(|frame| draw::draw(frame, state, look));
            drawn.map_err(failed)?;
            (size, is_new) = (Some(now), false);
        }
        let Heard::Keys(pressed) = keys.wait(PollTimeout::from(PATIENCE)) else {
            return Ok(End::HungUp);
        };
        for key in pressed {
            is_new = true;
            if state.press(key) == Asked::Quit {
                return Ok(End::Quit);
            }
        }
        if state.wants_containers() != containers {
            containers = !containers;
            // The reader is gone only when it has said why.
            let _ = wishes.send(containers);
        }
        loop {
            match read.try_recv() {
                Ok(report) => state.take(report?),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    return Err(Error::Gate("nobody reads it any more".into()));
                }
            }
            is_new = true;
        }
    }
    Ok(End::Quit)
}
