// Opens every page of a catalogue in Chromium and tries what readers do with it. Arguments: the catalogue's folder, and one for the
// browser's profile. Fails with all that is wrong.

import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, profile] = process.argv.slice(2);
const { chromium } = await import(pathToFileURL(process.env.DRIVER));
const wrong = [];
const base = pathToFileURL(folder).href + "/";

const pages = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.name.endsWith(".html"))
  .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
  .sort();

const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM,
  headless: true,
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});
browser.setDefaultTimeout(60_000);
const page = browser.pages()[0] ?? (await browser.newPage());
let at = "";
page.on("console", (message) => {
  if (["error", "warning"].includes(message.type())) wrong.push(`${at}: console: ${message.text()}`);
});
page.on("pageerror", (error) => wrong.push(`${at}: ${error}`));
page.on("requestfailed", (request) => wrong.push(`${at}: no ${request.url()}`));
page.on("request", (request) => {
  const url = request.url();
  if (!url.startsWith(base) && !url.startsWith("data:")) wrong.push(`${at}: asks for ${url}`);
});

async function open(path) {
  at = path;
  await page.goto(base + path);
}

function expect(holds, what) {
  if (!holds) wrong.push(`${at}: ${what}`);
}

// Every page: what it links to, what it has, and how wide it is.
const anchors = new Map();
const links = [];
for (const width of [1280, 360]) {
  await page.setViewportSize({ width, height: 800 });
  for (const path of pages) {
    await open(path);
    const found = await page.evaluate(() => ({
      ids: [...document.querySelectorAll("[id]")].map((node) => node.id),
      links: [...new Set([...document.querySelectorAll("a[href]")].map((link) => link.href))],
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      cut: [...document.querySelectorAll("main *")].filter((node) => {
        const box = node.getBoundingClientRect();
        const unseen = node.closest(".unseen, thead");
        return box.width > 0 && box.right > document.documentElement.clientWidth + 1 && !unseen;
      }).length,
      headings: document.querySelectorAll("h1").length,
      title: document.title,
    }));
    expect(found.wide <= 0, `is ${found.wide} pixels too wide at ${width}`);
    expect(found.cut === 0, `${found.cut} elements go beyond the edge at ${width}`);
    expect(found.headings === 1 && found.title !== "", "needs one heading and a title");
    anchors.set(path, new Set(found.ids));
    expect(found.ids.length === anchors.get(path).size, "has an anchor twice");
    if (width === 1280) links.push(...found.links.map((link) => [path, link]));
  }
}
for (const [path, link] of links) {
  at = path;
  const [file, anchor] = link.replace(base, "").split("#");
  expect(link.startsWith(base) && anchors.has(file), `links to ${link}, which is not there`);
  expect(!anchor || anchors.get(file)?.has(decodeURIComponent(anchor)), `links to ${file}, which has no #${anchor}`);
}

// Whatever the index names is there too.
await open("index.html");
const index = await page.evaluate(() => INDEX.map(([, name, , file, anchor]) => [name, PAGES[file], anchor]));
for (const [name, file, anchor] of index) {
  expect(anchors.get(file)?.has(anchor || "main"), `the index leads ${name} to ${file}#${anchor}, which is not there`);
}

// The search, by keyboard alone: with the key `/`, by typing, by arrows, and with the Tab key.
const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent || "");
async function search(path, text, leads) {
  await open(path);
  await page.keyboard.press("/");
  expect((await focused()) === "q", "the key / does not reach the search");
  await page.keyboard.type(text);
  expect(await page.locator("#results a").first().isVisible(), `nothing is found for ${text}`);
  await page.keyboard.press("ArrowDown");
  expect((await focused()).includes(text), `the first result for ${text} is another`);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.href === base + leads).catch(() => expect(false, `${text} leads to ${page.url()}`));
}
for (const width of [1280, 360]) {
  await page.setViewportSize({ width, height: 800 });
  await search("index.html", "sourceIpv4", "tokens.html#sourceIpv4");
  await search("sources/teleport/guide.html", "citrix-vpn", "sources/citrix-vpn/index.html");
  await search("tokens.html", "113005", "sources/cisco-anyconnect/messages.html#m-113005");
}

await open("index.html");
await page.keyboard.press("Tab");
expect((await focused()).startsWith("Skip"), "the first Tab does not reach the link that skips");
let tabs = 1;
while ((await focused()) !== "q" && tabs < 10) {
  await page.keyboard.press("Tab");
  tabs += 1;
}
expect((await focused()) === "q", "Tab does not reach the search");
await page.keyboard.type("teleport");
await page.keyboard.press("Tab");
expect(await page.evaluate(() => document.activeElement.closest("#results") !== null), "Tab does not reach the results");
await page.keyboard.press("Escape");
expect(!(await page.locator("#results").isVisible()), "Escape does not close the results");
await page.keyboard.type("<img src=x> no such thing");
expect((await page.locator("#results").innerText()).includes("nothing found"), "says not that nothing is found");

// A filter hides what does not fit, and a piece of a line lights its token.
await open("tokens.html");
await page.locator("#schema-filter").fill("sourceIpv4");
expect((await page.locator("#schema tbody tr:not(.group):visible").count()) < 20, "the filter hides nothing");
expect(await page.locator("#sourceIpv4").isVisible(), "the filter hides what fits");
for (const path of pages.filter((path) => /^sources\/[^/]+\/index\.html$/.test(path))) {
  await open(path);
  const pieces = await page.locator(".piece").count();
  expect(pieces > 3, "shows no coloured line");
  await page.locator(".piece").first().focus();
  expect((await page.locator("tr.lit").count()) > 0, "a piece lights no token");
}

// Contrast of text, in both schemes: at least 4.5 to 1 wherever a text stands on a plain colour.
for (const colorScheme of ["light", "dark"]) {
  await page.emulateMedia({ colorScheme });
  for (const path of ["index.html", "tokens.html", "sources/cisco-anyconnect/index.html", "sources/teleport/guide.html", "sources/qualys-endpoint/messages.html"]) {
    await open(path);
    const weak = await page.evaluate(() => {
      // Of any notation of a colour, what the browser paints.
      const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      const numbers = (colour) => {
        paint.clearRect(0, 0, 1, 1);
        paint.fillStyle = colour;
        paint.fillRect(0, 0, 1, 1);
        return [...paint.getImageData(0, 0, 1, 1).data];
      };
      const light = (colour) => {
        const [red, green, blue] = colour.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      };
      const behind = (node) => {
        for (let up = node; up; up = up.parentElement) {
          const colour = numbers(getComputedStyle(up).backgroundColor);
          if (colour[3] > 0) return colour;
        }
        return [255, 255, 255];
      };
      const seen = new Map();
      for (const node of document.querySelectorAll("body *")) {
        const has = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
        if (!has || node.closest(".unseen")) continue;
        const style = getComputedStyle(node);
        const [front, back] = [light(numbers(style.color)), light(behind(node))];
        const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
        if (ratio < 4.5) seen.set(`${node.tagName} ${node.className}`, ratio.toFixed(2));
      }
      return [...seen];
    });
    expect(weak.length === 0, `too little contrast (${colorScheme}): ${JSON.stringify(weak)}`);
  }
}

if (process.env.PICTURES) {
  const kinds = { home: "index.html", tokens: "tokens.html", source: "sources/cisco-anyconnect/index.html", json: "sources/teleport/index.html", guide: "sources/citrix-vpn/guide.html", waived: "sources/qualys-endpoint/guide.html#internal", values: "sources/cisco-anyconnect/guide.html#map-1", messages: "sources/cisco-anyconnect/messages.html" };
  for (const [scheme, width] of [["light", 1280], ["dark", 1280], ["light", 360], ["dark", 360]]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: width === 360 ? 1400 : 1000 });
    for (const [name, path] of Object.entries(kinds)) {
      await open(path);
      await page.screenshot({ path: join(process.env.PICTURES, `${name}-${scheme}-${width}.png`) });
    }
    await open("index.html");
    await page.keyboard.press("/");
    await page.keyboard.type("source ip");
    await page.screenshot({ path: join(process.env.PICTURES, `search-${scheme}-${width}.png`) });
  }
}
await browser.close();

if (wrong.length) {
  console.error([...new Set(wrong)].join("\n"));
  process.exit(1);
}
console.log(`${pages.length} pages, ${links.length} links, ${index.length} entries of the index: all there, by keyboard and at 360 pixels too`);
