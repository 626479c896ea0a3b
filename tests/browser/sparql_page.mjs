// Drive the SPARQL page in a real browser: with its editor, and without JavaScript.
import { open } from "./launch.mjs";

const [url, question, picture] = process.argv.slice(2);
const found = {};

const cells = (page, rows) =>
  page.$$eval(rows, (all) => all.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));

// With the editor: a question is clicked, its query stands in the editor, and is run.
{
  const { browser, page, complaints } = await open();
  const away = [];
  page.on("request", (r) => r.url().startsWith(new URL(url).origin) || r.url().startsWith("data:") || away.push(r.url()));
  await page.goto(url);
  await page.click(`a[href="/sparql?question=${question}"]`);
  await page.waitForSelector(".yasqe .CodeMirror");
  found.shown = await page.$eval(".CodeMirror", (e) => e.CodeMirror.getValue());
  found.faults = await page.$$eval(".parseErrorIcon", (all) => all.length);
  await page.click("#query-form button");
  await page.waitForSelector(".yasr table tbody tr");
  found.rows = await cells(page, ".yasr table tbody tr");
  const link = page.locator(".yasr table tbody a").first();
  if (await link.count()) {
    await link.hover();
    found.link = await link.getAttribute("href");
  }
  // How well the words of the table and of the editor stand out from white.
  found.contrast = await page.evaluate(() => {
    const part = (v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    const ratio = (element) => {
      const [r, g, b] = getComputedStyle(element).color.match(/\d+/g).map(Number);
      return 1.05 / (0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b) + 0.05);
    };
    const all = [".yasr table a", ".CodeMirror-linenumber", ".CodeMirror .cm-string-2"];
    return Object.fromEntries(all.map((s) => [s, [...document.querySelectorAll(s)].map(ratio)]).filter(([, r]) => r.length));
  });
  // From within the editor, Tab leads on and Shift+Tab leads back, and the query stays as it is.
  const before = await page.$eval(".CodeMirror", (e) => e.CodeMirror.getValue());
  found.left = [];
  for (const key of ["Tab", "Shift+Tab"]) {
    await page.$eval(".CodeMirror", (e) => e.CodeMirror.focus());
    await page.keyboard.press(key);
    found.left.push(await page.evaluate(() => !document.activeElement.closest(".CodeMirror")));
  }
  found.kept = before === (await page.$eval(".CodeMirror", (e) => e.CodeMirror.getValue()));
  if (picture) await page.screenshot({ path: picture, fullPage: true });

  // A refusal is shown with its reason.
  await page.$eval(".CodeMirror", (e) => e.CodeMirror.setValue("SELECT * { ?s a clas:Macrolide }"));
  await page.click("#query-form button");
  await page.waitForSelector(".refused");
  found.refused = await page.innerText(".refused");

  // A name of ours is completed, by its key or by its label.
  found.completed = {};
  for (const typed of ["class:Macro", "ik:severityE", "class:azole"]) {
    await page.$eval(".CodeMirror", (e) => {
      e.CodeMirror.setValue("SELECT * WHERE {\n  ?s ?p \n}");
      e.CodeMirror.focus();
      e.CodeMirror.setCursor({ line: 1, ch: 8 });
    });
    await page.keyboard.type(typed, { delay: 20 });
    await page.waitForSelector(".CodeMirror-hints li");
    found.completed[typed] = await page.$$eval(".CodeMirror-hints li", (all) => all.slice(0, 8).map((li) => li.innerText));
    await page.keyboard.press("Escape");
  }
  found.complaints = complaints;
  found.away = away;
  await browser.close();
}

// Without JavaScript: the same page is a form, and gives a table.
{
  const { browser, page } = await open({ javaScriptEnabled: false });
  await page.goto(url);
  await page.click(`a[href="/sparql?question=${question}"]`);
  await page.click("#query-form button");
  await page.waitForSelector("#results table");
  const rows = await page.locator("#results tbody tr").all();
  found.plain = await Promise.all(rows.map(async (r) => (await r.locator("td").allInnerTexts()).map((t) => t.trim())));
  await browser.close();
}
console.log(JSON.stringify(found));
