// The page of `--dev` in Chromium, for the tests of what it shows.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { until } from "./stage.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** By name: what a context of the browser is given. */
export const kScreens = Object.entries({ desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } }).flatMap(([size, viewport]) =>
  ["light", "dark"].map((colorScheme) => [`on a ${size}, in ${colorScheme}`, { viewport, colorScheme, bypassCSP: true, reducedMotion: "reduce" }]));

/** The page, with short words for what a person does and sees there. */
export async function open(stage, { context = stage.context, prefix = "" } = {}) {
  const tab = stage.watch(await context.newPage());
  const { page } = tab;
  tab.foreign = [];
  tab.complaints = [];
  page.on("request", (request) => request.url().startsWith(stage.gateway.http) || tab.foreign.push(request.url()));
  page.on("console", (message) => {
    // A refused call is in Chromium's console whatever a page does about it.
    if (/^\[(WS|Auth)\]|Failed to load resource|WebSocket connection to/.test(message.text())) return;
    tab.complaints.push(message.text());
  });
  tab.text = (id) => page.locator(`#${id}`).textContent();
  tab.says = (status) => until(async () => (await tab.text("status")) === status, () => `${status}: ${tab.lines.join("\n")}`);
  tab.flip = (fault) => page.locator(`[data-fault=${fault}]`).click();
  tab.shown = () => page.locator("#lines .text").allTextContents();
  await page.goto(`${stage.gateway.http}${prefix}/`);
  return tab;
}

export async function connected(stage) {
  const tab = await open(stage);
  await tab.says("Connected");
  return tab;
}

/** What axe complains about, and whether the page scrolls sideways. */
export async function faultsOfAxe(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`);
  if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) found.push("it scrolls sideways");
  return found;
}
