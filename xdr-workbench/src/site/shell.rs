//! What every page has: head, search, the way to it, and foot.

use super::File;
use super::facts::Facts;
use super::html::Html;

/// A page without what is on it.
pub(super) struct Shell<'a> {
    /// Its path below the catalogue's folder.
    pub(super) path: String,
    /// Its title.
    pub(super) title: &'a str,
    /// What it is called in the way to it.
    pub(super) name: &'a str,
    /// The pages above it, below the first: path and name.
    pub(super) above: Vec<(String, &'a str)>,
}

impl Shell<'_> {
    /// The way from the page to the catalogue's folder.
    pub(super) fn root(&self) -> String {
        "../".repeat(self.path.matches('/').count())
    }

    /// The page; `main` writes what is below its title.
    pub(super) fn page(self, main: impl FnOnce(&mut Html, &str)) -> File {
        let root = self.root();
        let mut html = Html::default();
        html.open("!doctype html", &[]);
        html.tag("html", &[("lang", "en"), ("data-root", &root)], |html| {
            html.tag("head", &[], |html| self.head(html, &root));
            html.tag("body", &[], |html| {
                html.leaf("a", &[("class", "skip"), ("href", "#main")], "Skip to the content");
                html.tag("header", &[("class", "bar")], |html| self.bar(html, &root));
                html.tag("main", &[("id", "main"), ("tabindex", "-1")], |html| {
                    self.trail(html, &root);
                    html.leaf("h1", &[], self.title);
                    main(html, &root);
                });
                html.tag("footer", &[], |html| {
                    html.text("Made by xdr ")
                        .text(env!("CARGO_PKG_VERSION"))
                        .text(" from the specs it was built with.");
                });
            });
        });
        let mut text = html.finish();
        text.push('\n');
        File { path: self.path, text }
    }

    fn head(&self, html: &mut Html, root: &str) {
        html.open("meta", &[("charset", "utf-8")]);
        html.open("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
        html.open("meta", &[("name", "color-scheme"), ("content", "light dark")]);
        html.leaf("title", &[], &format!("{} · xdr catalogue", self.title));
        // Without it browsers ask for an icon that is not there.
        html.open("link", &[("rel", "icon"), ("href", "data:,")]);
        html.open("link", &[("rel", "stylesheet"), ("href", &format!("{root}assets/site.css"))]);
        for script in ["index.js", "site.js"] {
            html.leaf("script", &[("defer", ""), ("src", &format!("{root}assets/{script}"))], "");
        }
    }

    fn bar(&self, html: &mut Html, root: &str) {
        html.leaf("a", &[("class", "brand"), ("href", &format!("{root}index.html"))], "xdr catalogue");
        html.tag("nav", &[("aria-label", "Catalogue")], |html| {
            for (path, name) in [("index.html", "Sources"), ("tokens.html", "Tokens")] {
                let to = format!("{root}{path}");
                if self.path == path {
                    html.leaf("a", &[("href", &to), ("aria-current", "page")], name);
                } else {
                    html.link(&to, name);
                }
            }
        });
        html.tag("form", &[("role", "search"), ("id", "search"), ("hidden", "")], |html| {
            html.leaf("label", &[("for", "q"), ("class", "unseen")], "Search the catalogue");
            html.open(
                "input",
                &[
                    ("id", "q"),
                    ("type", "search"),
                    ("autocomplete", "off"),
                    ("spellcheck", "false"),
                    ("placeholder", "Search tokens, fields, messages  ( / )"),
                    ("aria-controls", "results"),
                ],
            );
            html.leaf("p", &[("id", "found"), ("class", "unseen"), ("role", "status")], "");
            html.tag("ul", &[("id", "results"), ("hidden", ""), ("aria-label", "Search results")], |_| {});
        });
    }

    fn trail(&self, html: &mut Html, root: &str) {
        if self.path == "index.html" {
            return;
        }
        html.tag("nav", &[("class", "trail"), ("aria-label", "Breadcrumb")], |html| {
            html.tag("ol", &[], |html| {
                html.tag("li", &[], |html| {
                    html.link(&format!("{root}index.html"), "Sources");
                });
                for (path, name) in &self.above {
                    html.tag("li", &[], |html| {
                        html.link(&format!("{root}{path}"), name);
                    });
                }
                html.tag("li", &[], |html| {
                    html.leaf("span", &[("aria-current", "page")], self.name);
                });
            });
        });
    }
}

/// The links between the pages of a source; `here` is the path of the one they stand on.
pub(super) fn tabs(html: &mut Html, root: &str, facts: &Facts<'_>, here: &str) {
    html.tag("nav", &[("class", "tabs"), ("aria-label", "Pages of this source")], |html| {
        for (path, name) in
            [(facts.home(), "Overview"), (facts.guide(), "Guide"), (facts.messages_page(), "Messages")]
        {
            let to = format!("{root}{path}");
            if path == here {
                html.leaf("a", &[("href", &to), ("aria-current", "page")], name);
            } else {
                html.link(&to, name);
            }
        }
    });
}

/// Terms and what they are, without those that are nothing.
pub(super) fn facts_list(html: &mut Html, facts: &[(&str, String)]) {
    html.tag("dl", &[("class", "facts")], |html| {
        for (term, text) in facts.iter().filter(|(_, text)| !text.is_empty()) {
            html.tag("div", &[], |html| {
                html.leaf("dt", &[], term);
                html.leaf("dd", &[], text);
            });
        }
    });
}

/// A field to filter the rows of a table by.
pub(super) fn filter(html: &mut Html, table: &str, what: &str) {
    html.tag("p", &[("class", "filter"), ("data-filter", table), ("hidden", "")], |html| {
        let id = format!("{table}-filter");
        html.leaf("label", &[("for", &id)], &format!("Filter {what}"));
        html.open(
            "input",
            &[("id", &id), ("type", "search"), ("autocomplete", "off"), ("spellcheck", "false")],
        );
        html.leaf("span", &[("role", "status")], "");
    });
}
