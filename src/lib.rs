//! The program that people run.

pub mod argv;
