//! Ids as parts of our own addresses.

/// An id as one segment of a path, whatever it consists of.
pub(crate) fn path_segment(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::path_segment;

    #[test]
    fn no_id_leaves_its_segment() {
        assert_eq!(path_segment("a/b c+é?"), "a%2Fb%20c%2B%C3%A9%3F");
    }
}
