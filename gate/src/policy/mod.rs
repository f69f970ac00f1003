//! `judge`: pure, no I/O, no async.
