//! What of a spec a kind of change can reach: no more is copied, compared and made anew for each mutant.

use xdr_codegen::ir::{self, Catalogue, Module};

use super::mutant::{Mutant, Scope};

/// Parts of a module, each enough for the mutants of a scope.
pub(super) struct Views<'m> {
    whole: &'m Module,
    /// Plans and value maps, and of the catalogue what messages require.
    plans: Module,
    /// Without a catalogue.
    steps: Module,
    /// The catalogue without its listed messages, and no steps.
    shared: Module,
}

impl<'m> Views<'m> {
    pub(super) fn new(whole: &'m Module) -> Self {
        let bare =
            |message: &ir::Message| ir::Message { templates: Vec::new(), set: Vec::new(), ..message.clone() };
        let requires = |message: &&ir::Message| !message.required.is_empty();
        let messages = |list: &[ir::Message]| list.iter().filter(requires).map(bare).collect();
        let plans = whole.catalogue.as_ref().map(|all| Catalogue {
            messages: messages(&all.messages),
            prefixes: messages(&all.prefixes),
            suffixes: messages(&all.suffixes),
            ..empty(all)
        });
        let shared = whole.catalogue.as_ref().map(|all| Catalogue {
            parts: all.parts.clone(),
            prefixes: all.prefixes.clone(),
            suffixes: all.suffixes.clone(),
            pairs: all.pairs.clone(),
            ..empty(all)
        });
        let bare = Module { steps: Vec::new(), catalogue: None, ..whole.clone() };
        Self {
            whole,
            plans: Module { catalogue: plans, ..bare.clone() },
            steps: Module { steps: whole.steps.clone(), ..bare.clone() },
            shared: Module { catalogue: shared, ..bare },
        }
    }

    pub(super) fn whole(&self) -> &'m Module {
        self.whole
    }

    /// What the mutants of a scope are made on. Those of messages need all of them, for they are found by their numbers.
    fn of(&self, scope: Scope) -> &Module {
        match scope {
            Scope::Plans => &self.plans,
            Scope::Steps => &self.steps,
            Scope::Part(_) | Scope::Families | Scope::Pairs => &self.shared,
            Scope::Message(_) | Scope::Whole => self.whole,
        }
    }

    /// The view as a mutant changes it.
    pub(super) fn changed(&self, mutant: &Mutant) -> Module {
        let mut changed = self.of(mutant.scope).clone();
        (mutant.edit)(&mut changed);
        changed
    }

    /// The listed message as a mutant of it changes it. `copy` is a copy of the whole module; it is one again afterwards.
    pub(super) fn message(&self, mutant: &Mutant, index: usize, copy: &mut Module) -> Option<ir::Message> {
        (mutant.edit)(copy);
        let old = self.whole.catalogue.as_ref()?.messages.get(index)?.clone();
        let place = copy.catalogue.as_mut()?.messages.get_mut(index)?;
        Some(std::mem::replace(place, old))
    }

    /// Takes those mutants away that leave the module as it is: no record could tell them from it, and they say nothing of the samples.
    pub(super) fn that_change(&self, mut list: Vec<Mutant>) -> Vec<Mutant> {
        let mut copy = self.whole.clone();
        list.retain(|mutant| match mutant.scope {
            Scope::Message(index) => {
                let old = self.whole.catalogue.as_ref().and_then(|all| all.messages.get(index));
                self.message(mutant, index, &mut copy).as_ref() != old
            }
            scope => self.changed(mutant) != *self.of(scope),
        });
        list
    }
}

/// A catalogue that has nothing of its own.
pub(super) fn empty(of: &Catalogue) -> Catalogue {
    Catalogue {
        parts: Vec::new(),
        messages: Vec::new(),
        prefixes: Vec::new(),
        suffixes: Vec::new(),
        pairs: None,
        otherwise_partial: of.otherwise_partial,
        folded: Vec::new(),
        keyless: Vec::new(),
    }
}

/// A catalogue with what is shared and these listed messages, which are given with their indices in the whole one, in that order.
pub(super) fn catalogue(
    whole: &Catalogue,
    shared: &Catalogue,
    messages: Vec<(usize, ir::Message)>,
) -> Catalogue {
    let place = |index: &u16| {
        let found = messages.iter().position(|(of, _)| *of == usize::from(*index))?;
        u16::try_from(found).ok()
    };
    let keyless = whole.keyless.iter().filter_map(place).collect();
    let folded = whole.folded.iter().filter_map(place).collect();
    let messages = messages.into_iter().map(|(_, message)| message).collect();
    Catalogue { messages, keyless, folded, ..shared.clone() }
}
