//! JSON text, read where it lies: no tree of values is ever built.

/// Appends `text` to `out` as a JSON string, quotes included.
pub fn write_string(out: &mut String, text: &str) {
    // A str holds no lone surrogate, so serde_json has nothing that it could refuse.
    match serde_json::to_string(text) {
        Ok(quoted) => out.push_str(&quoted),
        Err(_) => out.push_str("\"\""),
    }
}
