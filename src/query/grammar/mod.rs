//! What a query says: its text, read and checked before any event is.

pub(in crate::query) mod condition;
pub(in crate::query) mod condition_tree;
mod data_field;
pub(in crate::query) mod demand;
mod equalities;
pub(in crate::query) mod event_key;
pub(in crate::query) mod field;
pub(in crate::query) mod field_comparison;
pub(in crate::query) mod fold;
pub(in crate::query) mod group_field;
pub(in crate::query) mod grouping;
pub(in crate::query) mod having;
mod kinds;
pub(in crate::query) mod operator;
pub(in crate::query) mod order;
mod parse;
pub(in crate::query) mod pattern;
pub(in crate::query) mod query;
mod reads_data;
pub(in crate::query) mod reduction;
pub(in crate::query) mod selection;
pub(in crate::query) mod time_test;
pub(in crate::query) mod value_test;
mod wanted;

pub use data_field::DataField;
pub use demand::{Demand, EndKey};
pub use query::Query;
