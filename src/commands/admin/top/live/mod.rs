//! The live view.
//!
//! One thread reads, one asks the engine for the disk now and then, this one
//! draws and listens to keys: a slow answer never makes the view deaf.

mod columns;
mod draw;
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
use ratatui::crossterm::event::{self, Event, KeyEventKind};

use super::plain::Plain;
use super::report::{Report, Sample};
use super::source::{Question, Source};
use crate::client::Client;
use crate::error::{Error, words};
use screen::Screen;
use state::{Asked, State};

pub(super) use look::Look;

/// How long a key may wait for what was read, and the other way round.
const PATIENCE: Duration = Duration::from_millis(100);

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
    match signal {
        // As a shell counts who was ended so.
        Some(signal) => Ok(ExitCode::from(128 + signal)),
        None => shown.map(|()| ExitCode::SUCCESS),
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

fn show(
    screen: &mut Screen,
    state: &mut State,
    look: Look,
    wishes: &Sender<bool>,
    read: &Receiver<Result<Report, Error>>,
) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::Terminal(words(&error));
    let mut is_new = true;
    while screen.signal().is_none() {
        if is_new {
            let drawn = screen.terminal.draw(|frame| draw::draw(frame, state, look));
            drawn.map_err(failed)?;
            is_new = false;
        }
        match read.try_recv() {
            Ok(report) => {
                state.take(report?);
                is_new = true;
            }
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => {}
        }
        if !event::poll(PATIENCE).map_err(failed)? {
            continue;
        }
        match event::read().map_err(failed)? {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                let asked = state.press(key);
                if asked == Asked::Quit {
                    return Ok(());
                }
                if asked == Asked::Containers {
                    // The reader is gone only when it has said why.
                    let _ = wishes.send(true);
                } else if !state.wants_containers() {
                    let _ = wishes.send(false);
                }
                is_new = true;
            }
            Event::Resize(..) => is_new = true,
            _ => {}
        }
    }
    Ok(())
}
