//! `fetch` from argv to exit code.
