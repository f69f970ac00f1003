//! The program that people run.
