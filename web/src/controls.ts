// Buttons and menus: nothing is sent twice, menus close with Escape, addresses can be copied.

import { say } from "./texts";
import { toast } from "./toasts";

/** A form that was sent is not sent again while the answer is under way. */
export function onePress(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || form.id === "act" || form.method === "get") return;
    if (form.dataset["sent"]) {
      event.preventDefault();
      return;
    }
    form.dataset["sent"] = "1";
    const pressed = (event as SubmitEvent).submitter;
    setTimeout(() => {
      pressed?.setAttribute("aria-busy", "true");
      pressed?.classList.add("busy");
    }, 300);
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) delete form.dataset["sent"];
    for (const button of document.querySelectorAll(".busy")) {
      button.classList.remove("busy");
      button.removeAttribute("aria-busy");
    }
  });
}

/** Menus made of `details.drop`: one at a time, closed by Escape or by pressing elsewhere. */
export function menus(): void {
  const open = () => document.querySelectorAll<HTMLDetailsElement>("details.drop[open], details.alt[open]");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) menu.querySelector("summary")?.focus();
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target as Node)) menu.open = false;
  });
}

/** The tab one is on stands in view, however many there are. */
export function tabs(): void {
  for (const current of document.querySelectorAll<HTMLElement>(".tabs > [aria-current]")) {
    const row = current.parentElement as HTMLElement;
    row.scrollLeft = current.offsetLeft - row.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
  }
}

/** `data-copy` buttons are of no use without a script, so they come hidden. */
export function copyButtons(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset["copy"] ?? "");
        toast(say("copied"));
      } catch {
        toast(say("failed"), true);
      }
    });
  }
}

/** A sent text is no draft any more, once a page other than the composer came up. */
export function sentDraft(): void {
  const name = sessionStorage.getItem("sent");
  if (!name || document.querySelector("form.write")) return;
  sessionStorage.removeItem("sent");
  localStorage.removeItem(name);
}
