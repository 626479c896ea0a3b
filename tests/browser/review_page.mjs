// A new reviewer comes to the bench: makes an account, reads, signs; every page is held against axe.
// Clicks are counted after the sign-in; then the same by keyboard alone, and without JavaScript.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { open } from "./launch.mjs";

const [url, link] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const password = "a long enough password";
const found = { axe: [], pages: [] };

// The pages forbid scripts of others, so axe is run by the browser and not put into the page.
async function audit(page, name) {
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document));
    found.pages.push(name);
    for (const v of violations) found.axe.push(`${name} ${scheme}: ${v.id} ${v.nodes[0].target} ${v.nodes[0].html.slice(0, 120)}`);
  }
}

async function signIn(page) {
  await page.goto(url + "/review/sign-in");
  await page.fill("[name=name]", "anna");
  await page.fill("[name=password]", password);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/review");
}

{
  const { browser, page, complaints } = await open();
  await page.goto(url + "/review/sign-in");
  await audit(page, "sign-in before any account");
  await page.goto(link);
  await audit(page, "first account");
  await page.fill("[name=name]", "anna");
  await page.fill("[name=password]", password);
  await page.click("main button");
  await page.waitForURL("**/review");
  let clicks = 0;
  const click = async (what) => { clicks += 1; await page.click(what); };
  await audit(page, "queue");
  // An advisory that one person signs.
  await click("tr:has(.caution) th a");
  await audit(page, "subject");
  await click("#verdict-approve");
  await click("#reason");
  await page.keyboard.type("Read section 4.4 of the label.");
  await click("#go");
  await page.waitForSelector(".complete[role=status]");
  found.clicks = clicks;
  found.signed = await page.innerText(".complete[role=status]");
  found.again = await page.$$eval(".queue th a", (all) => all.length);
  // All liabilities of the release, with a sample of one in twenty read one by one.
  clicks = 0;
  await click("nav[aria-label=Review] a[href='/review/liabilities']");
  await audit(page, "liabilities");
  await click("[name=cell][value=all]");
  await click("main form[method=get] button");
  await page.waitForSelector("[name=named]", { state: "attached" });
  await audit(page, "set");
  found.sample = await page.$$eval("[value=right]", (all) => all.length);
  for (const right of await page.$$("[value=right]")) { clicks += 1; await right.click(); }
  await click("#reason");
  await page.keyboard.type("Held against the gradings of the sources.");
  await click("#go");
  await page.waitForURL("**/review/liabilities");
  found.batch_clicks = clicks;
  found.progress = await page.$eval("progress", (p) => [p.value, p.max]);
  for (const name of ["log", "accounts"]) {
    await page.goto(`${url}/review/${name}`);
    await audit(page, name);
  }
  found.complaints = complaints;
  await browser.close();
}
{
  // The keys of the page, and nothing else.
  const { browser, page } = await open();
  await signIn(page);
  await page.locator(".queue th a").first().focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("#sign");
  const before = page.url();
  await page.keyboard.press("j");
  await page.waitForURL((u) => u.href !== before);
  await page.keyboard.press("k");
  await page.waitForURL(before);
  await page.keyboard.press("m");
  found.matches = await page.$$eval(".side input:checked", (all) => all.map((i) => i.value));
  found.statements = await page.$$eval(".side", (all) => all.length);
  await page.keyboard.press("a");
  await page.keyboard.press("c");
  await page.keyboard.type("jkmars are letters here.");
  found.typed = await page.inputValue("#reason");
  found.still = page.url() === before;
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".complete[role=status]");
  found.by_keys = await page.innerText(".complete[role=status]");
  await page.goto(before);
  await page.uncheck("#keys");
  await page.keyboard.press("r");
  found.off = await page.$$eval("[name=verdict]:checked", (all) => all.length);
  await browser.close();
}
{
  const { browser, page } = await open({ javaScriptEnabled: false });
  await signIn(page);
  await page.locator(".queue th a").first().click();
  await page.check("#verdict-reject");
  await page.fill("#reason", "It is too strong.");
  await page.click("#go");
  await page.waitForSelector(".complete[role=status]");
  found.without_scripts = await page.innerText(".complete[role=status]");
  await browser.close();
}
{
  const { browser, page } = await open({ viewport: { width: 320, height: 700 } });
  await signIn(page);
  found.too_wide = {};
  for (const there of ["/review", "/review/log", "/review/accounts", "/review/liabilities", await page.getAttribute(".queue th a", "href")]) {
    await page.goto(url + there);
    found.too_wide[there] = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  }
  await browser.close();
}
console.log(JSON.stringify(found));
