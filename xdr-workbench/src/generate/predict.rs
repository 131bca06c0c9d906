//! The event that chosen values must give, worked out from the spec's plans. The mapper is not asked.

use std::net::IpAddr;

use serde_json::{Map, Value as Json, json};
use xdr_codegen::ir::{
    Candidate, Condition, Enricher, How, Input, Module, Otherwise, Part, Plan, Setting, Slot, TimeRule,
};
use xdr_model::time::{Year, order_beside, year_beside};
use xdr_model::{Kind, Token};

use super::template::Fill;
use super::value::{Form, Value};
use super::{Run, convert, moment, steps};

/// A record's fields as reading it fills them.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// Value, and whether it is a constant of the catalogue.
    slots: Vec<Option<(Value, bool)>>,
    further: Vec<(Slot, Value)>,
    extras: Vec<(String, Value)>,
    /// What fields were to be filled with that were filled already.
    others: Vec<(Slot, Value)>,
}

impl Fields {
    /// Fills fields in order: the first value holds, a constant never displaces one.
    pub(super) fn of(module: &Module, fills: &[Fill]) -> Self {
        let mut fields = Self { slots: vec![None; module.fields.len()], ..Self::default() };
        for fill in fills {
            fields.fill(module, fill);
        }
        fields.keep_others(module);
        fields
    }

    /// Keeps further texts under the names of their fields, if nothing else has them. A field that is handed on holds what is read of it.
    fn keep_others(&mut self, module: &Module) {
        if self.others.is_empty() {
            return;
        }
        let handed = steps::handed(module);
        let mut kept: Vec<(Slot, Value)> = Vec::new();
        for (slot, value) in std::mem::take(&mut self.others) {
            let is_part = handed.contains(&slot)
                && self.get(slot).is_some_and(|first| first.text.contains(value.text.as_str()));
            let filled =
                self.slots.iter().flatten().filter(|(_, constant)| !constant).map(|(value, _)| value);
            let mut all = filled
                .chain(self.further.iter().map(|(_, value)| value))
                .chain(self.extras.iter().map(|(_, value)| value))
                .chain(kept.iter().map(|(_, value)| value));
            if !is_part && !all.any(|other| other.text == value.text) {
                kept.push((slot, value));
            }
        }
        self.others = kept;
    }

    fn fill(&mut self, module: &Module, fill: &Fill) {
        match fill {
            Fill::Constant(slot, text) => self.set(*slot, &Value::text(text.clone()), true),
            Fill::Further(slot, value) if self.get(*slot).is_some_and(Value::has_value) => {
                self.further.push((*slot, value.clone()));
            }
            // An element with nothing to say hides none of those behind it.
            Fill::Further(slot, value) => {
                if let Some(place) = self.slots.get_mut(usize::from(*slot)) {
                    *place = Some((value.clone(), false));
                }
            }
            Fill::Key(slot, name, value) if self.get(*slot).is_some_and(|other| other.text != value.text) => {
                self.extras.push((name.clone(), value.clone()));
            }
            Fill::Field(slot, value) if self.get(*slot).is_some() => self.others.push((*slot, value.clone())),
            Fill::Field(slot, value) | Fill::Key(slot, _, value) => self.set(*slot, value, false),
            Fill::Extra(name, value) => self.extras.push((name.clone(), value.clone())),
            Fill::Prefer(slot, others) => {
                if self.get(*slot).is_some_and(Value::has_value) {
                    return;
                }
                let found = others.iter().find(|other| self.get(**other).is_some_and(Value::has_value));
                let Some(other) = found.copied() else { return };
                let value = self.get(other).cloned();
                if let Some(place) = self.slots.get_mut(usize::from(*slot)) {
                    *place = value.map(|value| (value, false));
                }
                // A field that only stands in for another one gives its value away.
                if usize::from(other) >= module.named
                    && let Some(place) = self.slots.get_mut(usize::from(other))
                {
                    *place = None;
                }
            }
        }
    }

    fn set(&mut self, slot: Slot, value: &Value, constant: bool) {
        if let Some(place @ None) = self.slots.get_mut(usize::from(slot)) {
            *place = Some((value.clone(), constant));
        }
    }

    pub(super) fn get(&self, slot: Slot) -> Option<&Value> {
        self.slots.get(usize::from(slot)).and_then(Option::as_ref).map(|(value, _)| value)
    }

    /// The texts of fields that have one, joined by blanks. Constants come with the message, when it is known which it is.
    pub(super) fn key(&self, slots: &[Slot]) -> String {
        let filled = slots.iter().filter_map(|slot| self.slots.get(usize::from(*slot))?.as_ref());
        let texts = filled.filter(|(_, constant)| !constant).map(|(value, _)| value.text.as_str());
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// What a row makes of a field.
enum Told {
    Value(Json),
    /// It has nothing to say.
    Pass,
    /// The text is refused, for this reason.
    Refused(&'static str),
}

/// Works an event out.
pub(super) struct Predict<'p> {
    module: &'p Module,
    run: &'p Run,
    fields: &'p Fields,
    used: Vec<bool>,
    refusals: Vec<(Slot, &'static str)>,
    tokens: Map<String, Json>,
    issues: Vec<Json>,
    /// The rows that gave a value.
    pub(super) rows: Vec<usize>,
}

/// Status and message of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) message: Option<String>,
    pub(super) partial: bool,
    /// What its message requires.
    pub(super) required: Vec<Token>,
}

impl<'p> Predict<'p> {
    pub(super) fn new(module: &'p Module, run: &'p Run, fields: &'p Fields) -> Self {
        let mut used = vec![false; module.fields.len()];
        for slot in &module.told {
            if let Some(place) = used.get_mut(usize::from(*slot)) {
                *place = true;
            }
        }
        let (refusals, issues, rows) = (Vec::new(), Vec::new(), Vec::new());
        Self { module, run, fields, used, refusals, tokens: Map::new(), issues, rows }
    }

    /// The event without its id, which follows from the record's text and place. `Err`: it cannot be told.
    pub(super) fn event(&mut self, account: &Account) -> Result<Json, String> {
        let module = self.module;
        let mut lacks = false;
        for plan in &module.plans {
            self.plan(plan)?;
            // Of a record that is partial all the same nothing more is said.
            if !account.partial
                && !self.tokens.contains_key(plan.token.name())
                && self.is_required(plan, account)
            {
                self.issues.push(json!({ "token": plan.token.name() }));
                lacks = true;
            }
        }
        self.directions();
        let mut xdr = Map::new();
        xdr.insert("source".to_owned(), json!(module.name));
        xdr.insert("status".to_owned(), json!(if account.partial || lacks { "partial" } else { "mapped" }));
        if let Some(message) = &account.message {
            xdr.insert("message".to_owned(), json!(message));
        }
        let unmapped = self.unmapped();
        if !unmapped.is_empty() {
            xdr.insert("unmapped".to_owned(), Json::Object(unmapped));
        }
        if !self.issues.is_empty() {
            xdr.insert("issues".to_owned(), Json::Array(std::mem::take(&mut self.issues)));
        }
        let mut event = std::mem::take(&mut self.tokens);
        event.insert("xdr".to_owned(), Json::Object(xdr));
        Ok(Json::Object(event))
    }

    /// The direction between networks, which needs nothing but the record: private networks are local unless a run says otherwise.
    fn directions(&mut self) {
        let module = self.module;
        for enrichment in module.enrich.iter().filter(|one| one.by == Enricher::Networks) {
            let side = |tokens: &[(Token, xdr_codegen::source::Span)]| {
                let text = tokens.iter().find_map(|(token, _)| self.tokens.get(token.name()))?;
                text.as_str()?.parse::<IpAddr>().ok().filter(is_host).map(is_local)
            };
            let sides: Vec<Option<bool>> = enrichment.reads.iter().map(|tokens| side(tokens)).collect();
            let [Some(from), Some(to)] = sides.as_slice() else { continue };
            let word = |local: bool| if local { "local" } else { "remote" };
            let direction = json!(format!("{}-to-{}", word(*from), word(*to)));
            for plan in &module.plans {
                let name = plan.token.name();
                let asked = plan.candidates.iter().find(|one| {
                    one.input == Input::Enriched(Part::Context)
                        && one.when.iter().all(|when| self.holds(when))
                });
                if let Some(candidate) = asked.filter(|_| !self.tokens.contains_key(name)) {
                    self.tokens.insert(name.to_owned(), direction.clone());
                    self.rows.push(candidate.row);
                }
            }
        }
    }

    fn unmapped(&self) -> Map<String, Json> {
        let used = |slot: usize| self.used.get(slot).copied().unwrap_or_default();
        let name = |slot: usize| self.module.fields.get(slot).cloned().unwrap_or_default();
        let slots = self.fields.slots.iter().enumerate().filter_map(|(slot, filled)| {
            let (value, constant) = filled.as_ref()?;
            (!used(slot) && !constant).then(|| (name(slot), value))
        });
        let further = self.fields.further.iter().map(|(slot, value)| (usize::from(*slot), value));
        let further = further.filter(|(slot, _)| !used(*slot)).map(|(slot, value)| (name(slot), value));
        let others = self.fields.others.iter().map(|(slot, value)| (name(usize::from(*slot)), value));
        let extras = self.fields.extras.iter().map(|(name, value)| (name.clone(), value));
        let mut all: Map<String, Json> = Map::new();
        let mut several: Vec<String> = Vec::new();
        for (name, value) in
            slots.chain(further).chain(others).chain(extras).filter(|(_, value)| value.has_value())
        {
            let json = printed(value);
            match all.get_mut(&name) {
                None => {
                    all.insert(name, json);
                }
                Some(Json::Array(list)) if several.contains(&name) => list.push(json),
                Some(first) => {
                    *first = Json::Array(vec![first.take(), json]);
                    several.push(name);
                }
            }
        }
        all
    }

    fn plan(&mut self, plan: &Plan) -> Result<(), String> {
        if plan.gather {
            self.gather(plan);
            return Ok(());
        }
        let preferred = plan.by.as_ref().and_then(|by| {
            let text = self.fields.get(by.slot).map_or("", |value| value.text.as_str());
            by.cases.iter().find(|(case, _)| case == text).map(|(_, index)| *index)
        });
        let rest = (0..plan.candidates.len()).filter(|index| Some(*index) != preferred);
        for index in preferred.into_iter().chain(rest) {
            let Some(candidate) = plan.candidates.get(index) else { continue };
            if self.candidate(plan.token, candidate)? {
                break;
            }
        }
        Ok(())
    }

    /// All members of all fields.
    fn gather(&mut self, plan: &Plan) {
        let mut members = Vec::new();
        for candidate in &plan.candidates {
            let Input::Field(slot, _) = &candidate.input else { continue };
            let own = self.members(*slot, None);
            if !own.is_empty() {
                self.tell(*slot, candidate.row);
                members.extend(own);
            }
        }
        if !members.is_empty() {
            self.tokens.insert(plan.token.name().to_owned(), json!(members));
        }
    }

    /// Whether a record must have the plan's token.
    fn is_required(&self, plan: &Plan, account: &Account) -> bool {
        let mut of_source = self.module.required.iter().filter(|one| one.token == plan.token);
        account.required.contains(&plan.token)
            || of_source.any(|one| one.when.iter().all(|condition| self.holds(condition)))
    }

    fn holds(&self, condition: &Condition) -> bool {
        let has = |slot: &Slot| self.fields.get(*slot).is_some_and(Value::has_value);
        match condition {
            Condition::Is(slot, texts) => {
                self.fields.get(*slot).is_some_and(|value| texts.contains(&value.text))
            }
            Condition::Present(slot) => has(slot),
            Condition::Absent(slot) => !has(slot),
        }
    }

    /// Whether a mapping gives the token its value.
    fn candidate(&mut self, token: Token, candidate: &Candidate) -> Result<bool, String> {
        if !candidate.when.iter().all(|condition| self.holds(condition)) {
            return Ok(false);
        }
        let (slot, how) = match &candidate.input {
            Input::Field(slot, how) => (*slot, how),
            other => return Ok(self.other_input(token, other, candidate.row)),
        };
        let Some(value) = self.fields.get(slot) else { return Ok(false) };
        if candidate.none.contains(&value.text) || !value.has_value() {
            return Ok(false);
        }
        match self.told(token, slot, value, how)? {
            Told::Value(json) => {
                self.tell(slot, candidate.row);
                self.tokens.insert(token.name().to_owned(), json);
                Ok(true)
            }
            Told::Pass => Ok(false),
            Told::Refused(why) => {
                // One value refused for one reason is one issue.
                if !self.refusals.contains(&(slot, why)) {
                    self.refusals.push((slot, why));
                    let name = self.module.fields.get(usize::from(slot)).cloned().unwrap_or_default();
                    self.issues
                        .push(json!({ "token": token.name(), "field": name, "value": printed(value) }));
                }
                Ok(false)
            }
        }
    }

    fn tell(&mut self, slot: Slot, row: usize) {
        if let Some(place) = self.used.get_mut(usize::from(slot)) {
            *place = true;
        }
        self.rows.push(row);
    }

    fn other_input(&mut self, token: Token, input: &Input, row: usize) -> bool {
        let list = token.kind() == Kind::StringList;
        let json = match input {
            Input::Constant(text) | Input::Labels(Some(text)) if list => json!([text]),
            Input::Constant(text) | Input::Labels(Some(text)) => {
                convert::by_kind(token, &Value::text(text.clone())).unwrap_or(Json::Null)
            }
            Input::Setting(setting) => match self.setting(*setting) {
                Some(text) => json!(text),
                None => return false,
            },
            Input::Received => json!(self.run.received_text()),
            // Filled in when the record's text and place are known.
            Input::EventId => json!(""),
            Input::Labels(None) | Input::Enriched(_) | Input::Field(..) => return false,
        };
        self.tokens.insert(token.name().to_owned(), json);
        self.rows.push(row);
        true
    }

    fn setting(&self, setting: Setting) -> Option<String> {
        match setting {
            Setting::CustomerId => self.run.customer_id.map(|id| id.to_string()),
            Setting::CollectorId => self.run.collector_id.map(|id| id.to_string()),
            Setting::EventSourceId => self.run.event_source_id.map(|id| id.to_string()),
            Setting::DeviceHost => self.run.device_host.clone(),
        }
    }

    fn told(&self, token: Token, slot: Slot, value: &Value, how: &How) -> Result<Told, String> {
        let text = value.text.as_str();
        let one = |json: Result<Json, &'static str>| json.map_or_else(Told::Refused, Told::Value);
        let some = |text: &str| if text.is_empty() { Told::Pass } else { Told::Value(json!(text)) };
        if value.form == Form::Object && !matches!(how, How::Refused(_) | How::SocketRefused(_)) {
            return Err("an object for a row is not predicted".to_owned());
        }
        Ok(match how {
            How::Text | How::BaseName | How::DirName => match &value.form {
                Form::Array(Some(members)) => Told::Value(json!(members.join(", "))),
                Form::Array(None) => Told::Refused("array"),
                _ if *how == How::Text => some(text),
                _ => some(convert::cut(text, *how == How::BaseName)),
            },
            How::Phrase(before, after) => Told::Value(json!(format!("{before}{text}{after}"))),
            How::Values(map) => self.through(*map, text),
            How::PriSeverity(map) => match text.parse::<u8>().ok().filter(|number| *number < 192) {
                None => Told::Refused("priority"),
                Some(number) => match map {
                    Some(map) => self.through(*map, &(number % 8).to_string()),
                    None => Told::Value(json!((number % 8).to_string())),
                },
            },
            How::List(separator) => {
                let members = self.members(slot, separator.as_deref());
                if members.is_empty() { Told::Pass } else { Told::Value(json!(members)) }
            }
            How::Addresses(separator, others) => {
                return self.addresses(token, slot, separator.as_deref(), others);
            }
            How::Kind(others) => match convert::by_kind(token, value) {
                Err(_) if convert::accepted(token, others, text) => Told::Pass,
                read => one(read),
            },
            How::Socket(others) => match convert::socket(value) {
                None => Told::Refused("socket"),
                Some((host, _)) => match convert::by_kind(token, &Value::text(host.clone())) {
                    Err(_) if convert::accepted(token, others, &host) => Told::Pass,
                    read => one(read),
                },
            },
            How::Refused(by) => spare(token, by, text),
            How::SocketRefused(by) => match convert::socket(value) {
                Some((host, _)) => spare(token, by, &host),
                None => Told::Pass,
            },
            How::SocketPort => {
                let told = self.used.get(usize::from(slot)).copied().unwrap_or_default();
                match convert::socket(value).and_then(|(_, port)| port).filter(|_| told) {
                    None | Some(0) => Told::Pass,
                    Some(port) => match u16::try_from(port) {
                        Ok(port) => Told::Value(json!(port)),
                        Err(_) => Told::Refused("port range"),
                    },
                }
            }
            How::Time(rule) => return self.time(rule, value),
        })
    }

    fn through(&self, map: usize, text: &str) -> Told {
        let Some(map) = self.module.values.get(map) else { return Told::Pass };
        match (convert::mapped(map, text), map.otherwise) {
            (Some(value), _) => Told::Value(json!(value)),
            (None, Otherwise::Keep) => Told::Value(json!(text)),
            (None, Otherwise::Refuse) => Told::Refused("map"),
            (None, Otherwise::Nothing) => Told::Pass,
        }
    }

    /// The members of all values of a field.
    fn members(&self, slot: Slot, separator: Option<&str>) -> Vec<String> {
        let further = self.fields.further.iter().filter(|(of, _)| *of == slot).map(|(_, value)| value);
        let mut members = Vec::new();
        for value in self.fields.get(slot).into_iter().chain(further) {
            match (&value.form, separator) {
                (Form::Array(Some(own)), _) => members.extend(own.iter().cloned()),
                (Form::Array(None) | Form::Object, _) => {}
                (_, Some(separator)) => {
                    if let Some(own) = &value.members {
                        members.extend(own.iter().cloned());
                        continue;
                    }
                    members.extend(convert::pieces(&value.text, separator).map(str::to_owned));
                }
                (_, None) if value.text.is_empty() => {}
                (_, None) => members.push(value.text.clone()),
            }
        }
        members
    }

    fn addresses(
        &self,
        token: Token,
        slot: Slot,
        separator: Option<&str>,
        others: &[Kind],
    ) -> Result<Told, String> {
        let further = self.fields.further.iter().filter(|(of, _)| *of == slot).map(|(_, value)| value);
        let mut list = Vec::new();
        let mut refused = 0;
        for value in self.fields.get(slot).into_iter().chain(further) {
            let sockets: Vec<Value> = match (&value.members, separator) {
                (Some(members), Some(_)) => {
                    members.iter().map(|member| Value::text(member.clone())).collect()
                }
                _ if value.text.is_empty() => Vec::new(),
                _ => vec![value.clone()],
            };
            for one in sockets {
                match convert::socket(&one).and_then(|(host, _)| convert::ip(&host)) {
                    Some(address) => list.push(json!(address)),
                    None => refused += 1,
                }
            }
        }
        let alone = list.is_empty() && refused == 1;
        let text = self.fields.get(slot).map_or("", |value| value.text.as_str());
        let host = convert::socket(&Value::text(text)).map_or_else(|| text.to_owned(), |(host, _)| host);
        match (list.is_empty(), refused) {
            (true, 0) => Ok(Told::Pass),
            (true, _) if alone && convert::accepted(token, others, &host) => Ok(Told::Pass),
            (true, 1) => Ok(Told::Refused("ip")),
            (false, 0) => Ok(Told::Value(Json::Array(list))),
            _ => Err("a list of addresses, some of which are none, is not predicted".to_owned()),
        }
    }

    fn time(&self, rule: &TimeRule, value: &Value) -> Result<Told, String> {
        if rule.unset.contains(&value.text) {
            return Ok(Told::Pass);
        }
        let Some(moment) = &value.moment else {
            if rule.formats.iter().any(|format| moment::fits(format, &value.text)) {
                return Err("a text that happens to be a time is not predicted".to_owned());
            }
            return Ok(Told::Refused("time"));
        };
        let stamp = rule.zone_from.and_then(|slot| self.fields.get(slot));
        let states = |text: &str| {
            xdr_model::time::bare_offset(text).is_some() || xdr_model::time::bare_word(text).is_some()
        };
        if stamp.is_some_and(|stamp| states(&stamp.text)) {
            return Err("a text that happens to be an offset or a zone is not predicted".to_owned());
        }
        let beside = stamp.and_then(|stamp| stamp.moment.as_ref()).and_then(|stamp| stamp.offset);
        let text_of = |slot: &Slot| self.fields.get(*slot).map_or("", |value| value.text.as_str());
        let told = |text: &str| rule.order_from.iter().find_map(|slot| order_beside(text, text_of(slot)));
        let order = told(&value.text).or_else(|| rule.order_from.iter().find_map(|slot| told(text_of(slot))));
        let mut read = moment::read(rule, &value.text, moment, order);
        match rule.year_from.as_ref().and_then(|slot| year_beside(text_of(slot))) {
            Some(Year::Given(year)) => read = read.and_then(|moment| moment.in_year(year)),
            Some(_) => return Err("a year that another stamp tells is not predicted".to_owned()),
            None => {}
        }
        Ok(match read.and_then(|moment| Some((moment::resolve(&moment, rule, beside)?, moment.digits))) {
            Some((at, digits)) => Told::Value(json!(moment::printed(at, digits))),
            None => Told::Refused("time"),
        })
    }
}

/// Whether an address can be a host's.
fn is_host(address: &IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    !(address.is_multicast() || address.is_unspecified() || broadcast)
}

/// Whether an address is private, or on no other network.
fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_loopback() || address.is_link_local(),
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

/// What those tokens refuse.
fn spare(token: Token, by: &[Token], text: &str) -> Told {
    if convert::taken(by, text) {
        return Told::Pass;
    }
    match convert::by_kind(token, &Value::text(text)) {
        Ok(json) if token.kind() == Kind::IpList => Told::Value(json!([json])),
        Ok(json) => Told::Value(json),
        Err(_) => Told::Pass,
    }
}

/// A field as the account prints it.
fn printed(value: &Value) -> Json {
    match value.form {
        Form::Text => json!(value.text),
        _ => serde_json::from_str(&value.text).unwrap_or_else(|_| json!(value.text)),
    }
}
