//! `dock admin logs`: what a container of any owner wrote.

use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::admin::Container;

use super::named;
use crate::client::escape;
use crate::error::Error;
use crate::ui;

/// What engines from 1.42 on call a stream of output in frames; older ones say
/// nothing of the kind, so the frames themselves are looked at.
const RAW: &str = "application/vnd.docker.raw-stream";

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let asked = matches
        .get_one::<String>("object")
        .map_or("", String::as_str);
    let mut client = super::gate()?;
    let all: Vec<Container> = named::all(&mut client)?;
    let container = named::find(&all, asked)?;
    let mut path = format!("/dock/containers/{}/logs?", container.id);
    for flag in ["follow", "timestamps", "details"] {
        path.push_str(&format!("{flag}={}&", u8::from(matches.get_flag(flag))));
    }
    for key in ["since", "until", "tail"] {
        if let Some(value) = matches.get_one::<String>(key) {
            path.push_str(&format!("{key}={}&", escape(value)));
        }
    }
    let mut frames = Frames::default();
    client.stream(path.trim_end_matches('&'), |kind, piece| {
        if kind == RAW {
            return ui::output(1, piece);
        }
        frames.take(piece)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The engine's frames: a stream's number, three zeros, a length, the bytes.
#[derive(Default)]
struct Frames {
    pending: Vec<u8>,
    /// The stream and the bytes that are left of the frame that was begun.
    open: Option<(u8, usize)>,
    /// What does not begin like a frame is a terminal's output.
    plain: bool,
}

impl Frames {
    /// Prints what has come; false when nobody reads it.
    fn take(&mut self, piece: &[u8]) -> bool {
        self.pending.extend_from_slice(piece);
        loop {
            if self.plain {
                let bytes = std::mem::take(&mut self.pending);
                return ui::output(1, &bytes);
            }
            match self.open {
                Some((stream, left)) if !self.pending.is_empty() && left > 0 => {
                    let bytes: Vec<u8> =
                        self.pending.drain(..left.min(self.pending.len())).collect();
                    if !ui::output(stream, &bytes) {
                        return false;
                    }
                    self.open = Some((stream, left - bytes.len()));
                }
                Some((_, 0)) => self.open = None,
                Some(_) => return true,
                None => match self.pending.as_slice() {
                    [0..=3, 0, 0, 0, a, b, c, d, ..] => {
                        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
                        self.open = Some((self.pending[0], length));
                        self.pending.drain(..8);
                    }
                    short if short.len() < 8 && is_start(short) => return true,
                    _ => self.plain = true,
                },
            }
        }
    }
}

/// Whether bytes can be the beginning of a frame's head.
fn is_start(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .take(4)
        .enumerate()
        .all(|(at, byte)| if at == 0 { *byte <= 3 } else { *byte == 0 })
}
