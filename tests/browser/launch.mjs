// A browser for the tests, without root and without a download of its own: it came with npm.
import sparticuz from "@sparticuz/chromium";
import { chromium } from "playwright-core";

export async function open(options = {}) {
  const browser = await chromium.launch({
    args: [...sparticuz.args, "--disable-dev-shm-usage"],
    executablePath: await sparticuz.executablePath(),
    headless: true,
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  // What the page complains of, and what it wants from elsewhere, is kept for the test to look at.
  const complaints = [];
  page.on("console", (m) => m.type() === "error" && complaints.push(m.text()));
  page.on("pageerror", (e) => complaints.push(String(e)));
  return { browser, page, complaints };
}
