//! Bytes to typed operations.
