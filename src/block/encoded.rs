//! A block that was made, as bytes.

/// A block as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// What [`Directory::decode`](super::Directory::decode) reads.
    pub directory: Vec<u8>,
    /// The columns, where the directory says that they are.
    pub body: Vec<u8>,
}
