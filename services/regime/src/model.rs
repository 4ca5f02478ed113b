//! The types of packs, templates and organisation files.
//!
//! Every list keeps the order of the file. References between records are ids; after a successful load each of them
//! resolves.

mod act;
mod authority;
mod carried;
mod document;
mod effect;
mod field_type;
mod file_kind;
mod form;
mod numbering;
mod organisation;
mod pack;
mod place;
mod record;
mod register;
mod retention;
mod rules;
mod stage;
mod term;
mod volume;
mod words;

pub use act::{ActRule, Needs};
pub use authority::{Consult, Level, LoanRule, Matter, Plan, Post, Slot, Step};
pub use carried::Requirement;
pub use document::{Accept, Carrier, DocumentKind, DocumentNeed, Lend, MEDIA_TYPES};
pub use effect::{CountFinding, DIFFERENCE_PARTS, EffectKind, StageEffect};
pub use field_type::{FieldType, IdentifierKind, Index, Personal, Required, Target};
pub use file_kind::{FileKind, LinkRule};
pub use form::{Choice, Column, Field, Section, Shows, Template};
pub use numbering::{Code, CodeTable, NumberRule, Numbering, RecordNumber};
pub use organisation::{FirstAppointment, FirstPerson, Organisation, Unit};
pub use pack::Pack;
pub use place::{ItemKind, PlaceKind};
pub use record::{RecordKind, RecordLimit, RecordSlot, SlotHolder};
pub use register::{
    DOCUMENT_PARTS, FILE_PARTS, ITEM_PARTS, Over, PeriodLength, RECORD_PARTS, Register, RegisterColumn, Statistic, Told,
};
pub use retention::RetentionStart;
pub use rules::{
    AccessRules, Axis, CalendarUse, Classification, Completeness, CreditRules, DutyRule, Gate, LoanRules, Retention,
    RetentionClass, Review, Schedule, TemplateUse,
};
pub use stage::{ALL, Consulted, Expected, RecordNeed, Stage, StageApproval, When};
pub use term::{Term, TermUnit, Zone};
pub use volume::{Apart, OTHER, OrderKey, PageCount, Relation, VolumeDivision, VolumeOrder, VolumeRule, YearRule};
pub use words::{
    ActMode, Action, Channel, ConsultMode, CustomerType, GuardedAct, JournalReach, LevelStanding, LoanMode,
    PostStanding, Scope, Sensitivity, Trigger,
};
