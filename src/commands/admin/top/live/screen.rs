//! The terminal, taken and given back: at every end, whatever ended it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ratatui::DefaultTerminal;
use signal_hook::consts::signal::{SIGHUP, SIGINT, SIGTERM};

use crate::error::{Error, words};

/// The terminal while the view has it.
pub(super) struct Screen {
    pub(super) terminal: DefaultTerminal,
    signal: Arc<AtomicUsize>,
}

impl Screen {
    /// Takes the terminal; a panic gives it back before its words.
    ///
    /// # Errors
    /// When this terminal cannot be taken.
    pub(super) fn take() -> Result<Screen, Error> {
        let failed = |error: io::Error| Error::Terminal(words(&error));
        let signal = Arc::new(AtomicUsize::new(0));
        for number in [SIGHUP, SIGINT, SIGTERM] {
            let value = usize::try_from(number).unwrap_or_default();
            signal_hook::flag::register_usize(number, Arc::clone(&signal), value)
                .map_err(failed)?;
        }
        let terminal = ratatui::try_init().map_err(failed)?;
        Ok(Screen { terminal, signal })
    }

    /// The signal that asked this process to end, if one did.
    pub(super) fn signal(&self) -> Option<u8> {
        let number = self.signal.load(Ordering::Relaxed);
        u8::try_from(number).ok().filter(|number| *number > 0)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // A terminal that was hung up cannot be given back.
        let _ = ratatui::try_restore();
        let _ = self.terminal.show_cursor();
    }
}
