//! The one shape of every list: `parent`, `page_size`, `page_token`, `filter`, `order_by`.
//!
//! # To add a list
//! 1. Give its request those fields, `parent` only where there is one, and switches that are no condition behind them.
//! 2. Declare what its filter may say and how it is ordered: `const GRANTS: List = List { fields: &[..], orders: &[..] }`.
//! 3. Ask [`List::read`] with [`asked!`](crate::asked), and fill the store's `Wanted` from what it found.

use crate::call::Call;
use crate::error::Result;
use crate::filter::{Field, Filter, Found};
use crate::order::Order;
use crate::page::Page;

/// What a list lets its callers ask.
#[derive(Clone, Copy, Debug)]
pub struct List {
    /// What its filter may name.
    pub fields: &'static [Field],
    /// The orders that it has, each in its one spelling, the usual one first.
    pub orders: &'static [&'static str],
}

/// What a caller asks of a list; [`asked!`](crate::asked) makes one of a request.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Whose things; empty where a list has no parent.
    pub parent: &'a str,
    /// How many.
    pub page_size: i32,
    /// Behind which page.
    pub page_token: &'a str,
    /// Which.
    pub filter: &'a str,
    /// In which order.
    pub order_by: &'a str,
    /// What else shapes the answer.
    pub switches: &'a [&'a str],
}

/// A list's request as [`Asked`]: `asked!(request)`, `asked!(request, parent)`, `asked!(request; &switches)`.
#[macro_export]
macro_rules! asked {
    (@ $request:expr, $parent:expr, $switches:expr) => {
        $crate::list::Asked {
            parent: $parent,
            page_size: $request.page_size,
            page_token: &$request.page_token,
            filter: &$request.filter,
            order_by: &$request.order_by,
            switches: $switches,
        }
    };
    ($request:expr) => {
        $crate::asked!(@ $request, "", &[])
    };
    ($request:expr; $switches:expr) => {
        $crate::asked!(@ $request, "", $switches)
    };
    ($request:expr, parent) => {
        $crate::asked!(@ $request, &$request.parent, &[])
    };
}

// === impl List ===

impl List {
    /// What is asked for, and which page of it. A token belongs to the filter, order, parent and switches it was given for,
    /// however they are spelled.
    ///
    /// # Errors
    /// `FILTER_INVALID`, violations of `order_by` and `page_size`, `PAGE_TOKEN_INVALID`.
    pub fn read(&self, call: &Call, asked: &Asked<'_>) -> Result<(Found, Page)> {
        let filter = Filter::parse(asked.filter)?;
        let found = filter.against(self.fields)?;
        let order = Order::parse(asked.order_by)?.among(self.orders)?;
        let filter = filter.to_string();
        let shape: Vec<&str> =
            [asked.parent, &filter, order].into_iter().chain(asked.switches.iter().copied()).collect();
        let page = Page::of(call, asked.page_size, asked.page_token, &shape)?;
        Ok((found, page))
    }
}
