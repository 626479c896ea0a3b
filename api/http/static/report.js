// What can be done with a report: copy it, link to its input, take it along, print it.
// A link holds the input behind "#", which a browser never sends to a server.
"use strict";

const bar = document.querySelector(".tools");
const form = document.querySelector("form.check");
const said = document.createElement("span");
said.setAttribute("role", "status");

function offer(text, does) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", () => does().catch(() => tell("This browser does not allow it.")));
  bar.append(button);
}

function tell(text) { said.textContent = text; }

function words(element) {
  const copy = element.cloneNode(true);
  for (const part of copy.querySelectorAll(".edit, svg")) part.remove();
  return copy.textContent.replace(/\s+/g, " ").replace(/ ([.,;])/g, "$1").trim();
}

function asText() {
  const parts = [".patient", ".verdict h1", ".row", ".open > div"];
  const lines = parts.flatMap((part) => [...document.querySelectorAll(`.report ${part}`)].map(words));
  return [...lines, `Release ${bar.dataset.release}`].join("\n");
}

function asLink() {
  const given = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) given.append(name, value);
  return `${location.origin}/#${given}`;
}

async function copied(text) {
  await navigator.clipboard.writeText(text);
  tell("Copied.");
}

async function taken(accept, name) {
  const headers = { "Content-Type": "application/json", "Accept": accept };
  const answer = await fetch("/v1/check", { method: "POST", headers, body: bar.dataset.asked });
  if (!answer.ok) return tell(`Refused (${answer.status}): a program asks for this with its own token.`);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
  tell(`${name} was saved.`);
}

offer("Copy text", () => copied(asText()));
offer("Copy link", () => copied(asLink()));
offer("Print", async () => print());
offer("JSON", () => taken("application/json", "report.json"));
offer("FHIR", () => taken("application/fhir+json", "report.fhir.json"));
bar.append(said);

// A link within the page opens what it leads to.
function unfold() {
  const place = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let part = place; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
  if (place) place.scrollIntoView();
}
window.addEventListener("hashchange", unfold);
unfold();
