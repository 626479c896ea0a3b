// Fill the form in as a person does, and look at the report: on a screen, on a phone, on paper,
// and without JavaScript. What is printed is what an element that is drawn holds.
import { open } from "./launch.mjs";

const [url, given] = process.argv.slice(2);
const { boxes, choices, ticks } = JSON.parse(given);
const found = {};

async function fill(page) {
  await page.goto(url + "/");
  for (const [box, text] of Object.entries(boxes)) await page.fill("#" + box, text);
  for (const [box, value] of Object.entries(choices)) await page.selectOption("#" + box, value);
  for (const box of ticks) await page.check("#" + box);
  await page.click("form.check button");
  await page.waitForSelector(".report article", { state: "attached" });
}

// Everything of a page that is drawn, as text: folded parts have no box to stand in.
const drawn = (page) => page.evaluate(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const shown = node.parentElement.checkVisibility({ contentVisibilityAuto: true });
    if (node.data.trim() && shown && !node.parentElement.closest("svg")) texts.push(node.data.trim());
  }
  return texts.join(" ").replace(/\s+/g, " ");
});
const folded = (page) => page.$$eval("details:not(.picture)", (all) =>
  all.filter((one) => [...one.children].slice(1).some((c) => !c.checkVisibility())).length);

{
  const { browser, page, complaints } = await open();
  await fill(page);
  found.title = await page.title();
  found.heads = await page.$$eval("h1", (all) => all.map((h) => h.innerText));
  found.on_screen = await folded(page);
  // A link in what is missing leads to a box of the form.
  found.boxes = await page.$$eval("table.gaps a[href^='#']", (all) =>
    all.map((a) => [a.hash, !!document.querySelector(a.hash)]));
  await page.emulateMedia({ media: "print" });
  found.printed = await drawn(page);
  found.pictures_on_paper = await page.$$eval(".picture svg", (all) => all.filter((p) => p.checkVisibility()).length);
  found.sheets = (await page.pdf({ format: "A4" })).toString("latin1").match(/\/Type\s*\/Page\b/g).length;
  await page.emulateMedia({ media: "screen" });
  await page.$$eval("#serious-hepatic-disease, #serious-hepatic-disease details", (all) => all.forEach((d) => { d.open = true; }));
  await page.emulateMedia({ media: "print" });
  found.printed_open = await drawn(page);
  await page.emulateMedia({ media: "screen" });
  // What can be taken along: text, a link, and the answer as a program gets it.
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const copied = async (name) => {
    await page.getByRole("button", { name, exact: true }).click();
    await page.waitForSelector(".tools [role=status]:text('Copied')");
    return page.evaluate(() => navigator.clipboard.readText());
  };
  found.copied = await copied("Copy text");
  found.link = await copied("Copy link");
  for (const name of ["JSON", "FHIR"]) {
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name, exact: true }).click()]);
    found[name.toLowerCase()] = file.suggestedFilename();
  }
  await page.goto("about:blank");
  await page.goto(found.link);
  found.linked_first = await page.evaluate(() => [document.activeElement.innerText, location.hash, document.querySelectorAll(".report").length]);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".report article", { state: "attached" });
  found.linked_title = await page.title();
  found.linked_address = page.url();
  await page.goto(url + "/check");
  found.again = page.url();
  found.complaints = complaints;
  await browser.close();
}
found.sizes = {};
for (const [width, height] of [[1280, 800], [390, 844]]) {
  const { browser, page } = await open({ viewport: { width, height } });
  await fill(page);
  found.sizes[width] = await page.evaluate(() => ({
    verdict: document.querySelector(".verdict h1").getBoundingClientRect().top,
    page: document.documentElement.scrollHeight,
    screen: innerHeight,
    words: document.querySelector(".report").innerText.split(/\s+/).length,
  }));
  await browser.close();
}
{
  const { browser, page } = await open({ viewport: { width: 390, height: 844 } });
  await fill(page);
  found.too_wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  found.unlabelled = await page.$$eval(".stacked td:not(:empty)", (all) =>
    all.filter((td) => !td.dataset.label).map((td) => td.innerText));
  await browser.close();
}
{
  const { browser, page } = await open({ javaScriptEnabled: false });
  await fill(page);
  await page.emulateMedia({ media: "print" });
  found.plain_folded = await page.$$eval("summary", (all) => all.length);
  await browser.close();
}
{
  // Names are offered to a text area that stays one, and are chosen by the keyboard.
  const { browser, page } = await open();
  await page.goto(url + "/");
  await page.locator("#med").pressSequentially("citalo", { delay: 20 });
  await page.waitForSelector(".offers li");
  found.said = await page.$eval("#med-offers + [role=status]", (p) => p.textContent);
  found.roles = await page.$$eval("textarea", (all) => all.map((t) => t.getAttribute("role")));
  await page.keyboard.press("ArrowDown");
  found.active = await page.$eval("#med", (t) => !!document.getElementById(t.getAttribute("aria-activedescendant")));
  await page.keyboard.press("Enter");
  found.taken = await page.$eval("#med", (t) => t.value);
  await browser.close();
}
console.log(JSON.stringify(found));
