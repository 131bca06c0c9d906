// Search over PAGES and INDEX of index.js, filters of tables, and the links between a line's pieces and its tokens. All pages work without it.
"use strict";

(function () {
  const root = document.documentElement.dataset.root || "";
  const MOST = 40;
  // What is found by the same words is shown in this order.
  const KINDS = ["source", "token", "row", "beyond", "values", "message"];

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function words(text) {
    return text.toLowerCase().split(/\s+/).filter(Boolean);
  }

  // How well an entry fits: the less the better; -1 if it does not.
  function rank(entry, asked, wanted) {
    const name = entry[1].toLowerCase();
    const all = name + " " + entry[2].toLowerCase();
    if (!wanted.every((word) => all.includes(word))) return -1;
    const fit = name === asked ? 0 : name.startsWith(asked) ? 1 : wanted.every((word) => name.includes(word)) ? 2 : 3;
    return fit * KINDS.length + Math.max(0, KINDS.indexOf(entry[0]));
  }

  function find(text) {
    const wanted = words(text);
    const asked = wanted.join(" ");
    if (!asked) return [];
    const hits = [];
    INDEX.forEach((entry, at) => {
      const score = rank(entry, asked, wanted);
      if (score >= 0) hits.push([score, at]);
    });
    hits.sort((one, other) => one[0] - other[0] || one[1] - other[1]);
    return hits.map((hit) => INDEX[hit[1]]);
  }

  function search() {
    const form = document.getElementById("search");
    const input = document.getElementById("q");
    const list = document.getElementById("results");
    const found = document.getElementById("found");
    if (!form || typeof INDEX === "undefined") return;
    form.hidden = false;

    function item(entry) {
      const link = element("a");
      link.href = root + PAGES[entry[3]] + (entry[4] ? "#" + entry[4] : "");
      link.append(element("span", "kind", entry[0]), element("span", "what", entry[1]), element("span", "about", entry[2]));
      const line = element("li");
      line.append(link);
      return line;
    }

    function show() {
      const hits = find(input.value);
      list.replaceChildren(...hits.slice(0, MOST).map(item));
      if (hits.length > MOST) list.append(element("li", "more", hits.length - MOST + " more; add a word to narrow it down"));
      const asked = input.value.trim() !== "";
      if (asked && !hits.length) list.append(element("li", "more", "nothing found"));
      list.hidden = !asked;
      found.textContent = asked ? hits.length + (hits.length === 1 ? " result" : " results") : "";
    }

    function close() {
      list.hidden = true;
    }

    function step(by) {
      const links = [...list.querySelectorAll("a")];
      const next = links.indexOf(document.activeElement) + by;
      if (next < 0) input.focus();
      else if (links[next]) links[next].focus();
    }

    input.addEventListener("input", show);
    input.addEventListener("focus", () => input.value && show());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const first = list.querySelector("a");
      if (first) first.click();
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        step(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Escape") {
        close();
        input.focus();
        close();
      }
    });
    form.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !form.contains(event.relatedTarget)) close();
    });
    list.addEventListener("click", close);
    document.addEventListener("pointerdown", (event) => {
      if (!form.contains(event.target)) close();
    });
    document.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        input.focus();
        input.select();
      }
    });
  }

  function filters() {
    for (const box of document.querySelectorAll("[data-filter]")) {
      const table = document.getElementById(box.dataset.filter);
      const input = box.querySelector("input");
      const status = box.querySelector("[role=status]");
      const rows = [...table.querySelectorAll("tbody tr")].filter((row) => !row.classList.contains("group"));
      const texts = rows.map((row) => row.textContent.toLowerCase());
      box.hidden = false;
      input.addEventListener("input", () => {
        const wanted = words(input.value);
        let shown = 0;
        rows.forEach((row, at) => {
          row.hidden = !wanted.every((word) => texts[at].includes(word));
          shown += row.hidden ? 0 : 1;
        });
        for (const body of table.tBodies) {
          body.hidden = ![...body.rows].some((row) => !row.hidden && !row.classList.contains("group"));
        }
        status.textContent = wanted.length ? shown + " of " + rows.length : "";
      });
      // A link to a row that is filtered away shows it again.
      window.addEventListener("hashchange", () => {
        const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
        if (row && row.hidden) {
          input.value = "";
          input.dispatchEvent(new Event("input"));
          row.scrollIntoView();
        }
      });
    }
  }

  function lines() {
    for (const line of document.querySelectorAll(".line")) {
      const linked = [...line.querySelectorAll("[data-of]")];
      const of = (node) => node.dataset.of.split(" ");
      const light = (event) => {
        const at = event.target.closest ? event.target.closest("[data-of]") : null;
        const ids = at ? of(at) : [];
        for (const node of linked) node.classList.toggle("lit", of(node).some((id) => ids.includes(id)));
      };
      for (const kind of ["pointerover", "focusin"]) line.addEventListener(kind, light);
      for (const kind of ["pointerleave", "focusout"]) {
        line.addEventListener(kind, () => linked.forEach((node) => node.classList.remove("lit")));
      }
    }
  }

  search();
  filters();
  lines();
})();
