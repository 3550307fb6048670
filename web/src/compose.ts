// The composer: counter, pictures with descriptions, drafts in the browser, sending by Ctrl+Enter.

import { draft } from "./draft";
import { counter } from "./length";
import { uploads } from "./uploads";
import { zones } from "./zones";

zones(document);
const form = document.querySelector<HTMLFormElement>("form.write");
if (form) {
  for (const start of [counter, uploads, draft, send]) {
    try {
      start(form);
    } catch (error) {
      console.error(error);
    }
  }
}

function send(form: HTMLFormElement): void {
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}
