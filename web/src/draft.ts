// What was typed stays in this browser until it was sent, one draft for each post that is answered.

import { say } from "./texts";

const KEPT = ["status", "spoiler_text", "visibility", "language"];
const OLDEST_MS = 30 * 86_400_000;

interface Draft {
  at: number;
  values: Record<string, string>;
}

export function draft(form: HTMLFormElement): void {
  const name = `draft:${form.dataset["draft"] ?? ""}`;
  const field = (key: string) => form.elements.namedItem(key) as HTMLInputElement | null;
  const text = field("status");
  if (!text) return;
  sessionStorage.removeItem("sent");
  const original = text.value;
  const kept = read(name);
  if (kept?.values["status"] && kept.values["status"] !== original && !form.dataset["refused"]) {
    for (const key of KEPT) {
      const value = kept.values[key];
      const one = field(key);
      if (one && value !== undefined) one.value = value;
    }
    offerDiscard(form, () => {
      localStorage.removeItem(name);
      text.value = original;
      text.dispatchEvent(new Event("input", { bubbles: true }));
      text.focus();
    });
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => write(name, text.value === original ? null : values(field)), 500);
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    clearTimeout(timer);
    // Kept until another page than the composer follows: then the post went out (controls.ts).
    write(name, values(field));
    sessionStorage.setItem("sent", name);
  });
}

function values(field: (key: string) => HTMLInputElement | null): Record<string, string> {
  return Object.fromEntries(KEPT.map((key) => [key, field(key)?.value ?? ""]));
}

function read(name: string): Draft | null {
  try {
    const found = JSON.parse(localStorage.getItem(name) ?? "null") as Draft | null;
    return found && Date.now() - found.at < OLDEST_MS ? found : null;
  } catch {
    return null;
  }
}

function write(name: string, values: Record<string, string> | null): void {
  try {
    if (values) localStorage.setItem(name, JSON.stringify({ at: Date.now(), values } satisfies Draft));
    else localStorage.removeItem(name);
  } catch {
    // Storage is full or switched off: the text is still in the field.
  }
}

function offerDiscard(form: HTMLFormElement, discard: () => void): void {
  const line = document.createElement("p");
  line.className = "note";
  line.setAttribute("role", "status");
  const sentence = document.createElement("span");
  sentence.className = "grow";
  sentence.textContent = say("draft");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-s";
  button.textContent = say("discard");
  button.onclick = () => {
    discard();
    line.remove();
  };
  line.append(sentence, button);
  form.prepend(line);
}
