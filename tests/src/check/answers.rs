//! I10: two worlds that differ only in an invisible file give a low reader byte-identical answers.

use dossier::serve::Which;

use crate::world::{Replica, World};

/// One question: who asks what.
#[derive(Clone, Debug)]
pub struct Question {
    /// Which service.
    pub which: Which,
    /// Who asks, of org `demo`.
    pub subject: String,
    /// The full method.
    pub method: String,
    /// The encoded request.
    pub message: Vec<u8>,
}

/// Violations of I10: the questions that the two worlds answer differently.
pub async fn answers(one: &World, other: &World, questions: &[Question]) -> Vec<String> {
    let mut wrong = Vec::new();
    for question in questions {
        let (here, there) = (ask(one, question).await, ask(other, question).await);
        if here != there {
            wrong
                .push(format!("{} tells {} the worlds apart: {here:?} / {there:?}", question.method, question.subject));
        }
    }
    wrong
}

async fn ask(world: &Replica, question: &Question) -> crate::raw::Raw {
    let bearer = world.person(crate::world::DEMO, &question.subject);
    world.raw(question.which, bearer, &question.method, question.message.clone()).await
}
