//! What has been found of a header so far.

use smallvec::SmallVec;

/// The name of what could not be read.
pub(super) const UNREAD: &str = "syslog.header";

/// The name of the port behind a host's address.
pub(super) const PORT: &str = "syslog.port";

/// The name of how often a relay saw the text.
pub(super) const REPEATED: &str = "syslog.repetitions";

/// The name of the stamp of an outer header.
pub(super) const RELAY_TIME: &str = "syslog.relay.time";

/// The parts of a header. Setting one that is there already keeps the old one as the relay's.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct Found<'a> {
    pub(super) pri: Option<&'a str>,
    pub(super) time: Option<&'a str>,
    /// The host of the layer that is being read.
    pub(super) host: Option<&'a str>,
    /// The hosts of the layers before, outermost first.
    pub(super) outer: SmallVec<[&'a str; 4]>,
    pub(super) program: Option<&'a str>,
    pub(super) pid: Option<&'a str>,
    pub(super) msgid: Option<&'a str>,
    /// Name and text of what has no part of its own.
    pub(super) kept: SmallVec<[(&'static str, &'a str); 4]>,
}

impl<'a> Found<'a> {
    pub(super) fn pri(&mut self, text: &'a str) {
        let old = self.pri.replace(text);
        self.old("syslog.relay.pri", old);
    }

    /// A time stamp opens a layer of its own.
    pub(super) fn time(&mut self, text: &'a str) {
        self.end_layer();
        let old = self.time.replace(text);
        self.old(RELAY_TIME, old);
    }

    pub(super) fn program(&mut self, text: &'a str) {
        let old = self.program.replace(text);
        self.old("syslog.relay.program", old);
    }

    pub(super) fn pid(&mut self, text: &'a str) {
        let old = self.pid.replace(text);
        self.old("syslog.relay.pid", old);
    }

    pub(super) fn msgid(&mut self, text: &'a str) {
        let old = self.msgid.replace(text);
        self.old("syslog.relay.msgid", old);
    }

    /// A program's name and the process id behind it, either of which may be missing.
    pub(super) fn tag(&mut self, (name, pid): (&'a str, Option<&'a str>)) {
        if !name.is_empty() {
            self.program(name);
        }
        if let Some(pid) = pid {
            self.pid(pid);
        }
    }

    /// The host of the layer becomes an outer one.
    pub(super) fn end_layer(&mut self) {
        self.outer.extend(self.host.take());
    }

    pub(super) fn keep(&mut self, name: &'static str, text: &'a str) {
        self.kept.push((name, text));
    }

    fn old(&mut self, name: &'static str, old: Option<&'a str>) {
        if let Some(old) = old {
            self.keep(name, old);
        }
    }
}
