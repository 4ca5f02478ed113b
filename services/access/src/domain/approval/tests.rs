//! The engine against brute force, and the life of an approval under random calls.

mod independence;
mod life;
mod people;
mod rules;
