//! How far a long work is: bytes, rate and time left, where somebody looks at it.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::ui;

/// Without a total there is nothing to be left.
const OPEN: &str = "{msg}  {bytes}  {bytes_per_sec}  {elapsed_precise}";
const CLOSED: &str =
    "{msg}  {bytes}/{total_bytes}  {bytes_per_sec}  {eta_precise} left  {wide_bar}";

/// A bar on a terminal, and nothing elsewhere.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// A bar of `total` bytes, or one that counts.
    pub(crate) fn new(total: Option<u64>, quiet: bool) -> Progress {
        let target = match quiet {
            true => ProgressDrawTarget::hidden(),
            // It is hidden where standard error is no terminal.
            false => ProgressDrawTarget::stderr_with_hz(5),
        };
        let (length, look) = match total {
            Some(total) => (Some(total), CLOSED),
            None => (None, OPEN),
        };
        let bar = ProgressBar::with_draw_target(length, target);
        // The two looks are constants that indicatif knows how to read.
        if let Ok(style) = ProgressStyle::with_template(look) {
            bar.set_style(style.progress_chars("=> "));
        }
        Progress(bar)
    }

    /// What is being done now.
    pub(crate) fn at(&self, what: &str) {
        self.0.set_message(ui::safe(what));
    }

    /// So many bytes more.
    pub(crate) fn add(&self, bytes: u64) {
        self.0.inc(bytes);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
