// Drive a prescribing program's page in a real browser: it discovers the service, calls it under
// each hook it is given, shows the cards, and sends back what was chosen. A page of an origin
// that the service does not know must get nothing.
import sparticuz from "@sparticuz/chromium";
import { chromium } from "playwright-core";

const [known, stranger, service, calls] = process.argv.slice(2);
// This browser comes with the walls between origins taken down; here they are what is looked at.
const browser = await chromium.launch({
  args: sparticuz.args.filter((flag) => flag !== "--disable-web-security"),
  executablePath: await sparticuz.executablePath(),
  headless: true,
});
const page = await browser.newPage();
const found = { hooks: {} };

await page.goto(known);
found.services = await page.evaluate((base) => window.discover(base), service);
for (const [hook, body] of Object.entries(JSON.parse(calls))) {
  await page.evaluate(([base, call]) => window.call(base, call), [service, body]);
  await page.waitForSelector("article");
  found.hooks[hook] = await page.$$eval("article", (all) =>
    all.map((card) => ({
      indicator: card.className,
      summary: card.querySelector("h2").innerText,
      detail: card.querySelector("pre").innerText,
      buttons: [...card.querySelectorAll("button.suggestion")].map((b) => b.innerText),
      reasons: [...card.querySelectorAll("option")].map((o) => o.innerText),
      link: card.querySelector("a")?.href ?? null,
      markup: card.querySelector("pre").children.length,
    })));
}
await page.click("article button.suggestion >> nth=0");
found.accepted = await page.evaluate(() => window.sent);
await page.selectOption("article select >> nth=0", { index: 1 });
await page.click("article button.override >> nth=0");
found.overridden = await page.evaluate(() => window.sent);

await page.goto(stranger);
found.refused = await page.evaluate((base) =>
  window.discover(base).then(() => "let in", (error) => String(error)), service);
await browser.close();
console.log(JSON.stringify(found));
