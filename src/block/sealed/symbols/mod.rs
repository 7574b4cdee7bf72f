//! Short texts compressed one by one, each of which is expanded alone.
//!
//! A table of up to 255 symbols, each of one to eight bytes, is made for all texts of a column. A
//! text becomes a sequence of symbols' numbers, a byte each; the number 255 stands before a byte that
//! no symbol begins with. The method is FSST: Boncz, Neumann, Leis, "FSST: Fast Random Access String
//! Compression", Proceedings of the VLDB Endowment 13(11), 2020.

mod matcher;
mod search;
mod sought;
mod table;
mod training;

pub(super) use search::Search;
pub(super) use sought::Sought;
pub(super) use table::Symbols;
pub(super) use training::train;
