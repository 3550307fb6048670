// Shortcuts on single keys. None acts within fields, with a modifier, or right after `g`.

const GO: Record<string, string> = {
  h: "/home",
  n: "/notifications",
  l: "/public",
  s: "/bookmarks",
  f: "/favourites",
  p: "/settings/profile",
  e: "/public",
};
const ON_POST: Record<string, string> = {
  r: "a.reply",
  b: "button.boost",
  f: "button.fave",
  d: "button.mark",
  e: ".media a",
  x: ".cw > summary",
  p: ".names a",
};
let afterG = 0;

export function keys(): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    if (Date.now() - afterG < 1200) {
      afterG = 0;
      const place = GO[event.key];
      if (place) location.href = place;
      return;
    }
    if (act(event.key)) event.preventDefault();
  });
}

function act(key: string): boolean {
  switch (key) {
    case "g":
      afterG = Date.now();
      return true;
    case "j":
      return step(1);
    case "k":
      return step(-1);
    case "n":
      return press(document.querySelector<HTMLElement>('a[href="/publish"]'));
    case "/":
    case "s":
      return find();
    case ".":
      return press(document.querySelector<HTMLElement>("[data-news]:not([hidden]) a"));
    case "?":
      void help();
      return true;
    case "Enter":
      return document.activeElement?.matches("article.post") ? press(current()?.querySelector<HTMLElement>(".when")) : false;
  }
  const selector = ON_POST[key];
  return selector ? press(current()?.querySelector<HTMLElement>(selector)) : false;
}

function current(): Element | null {
  return document.activeElement?.closest("article.post") ?? null;
}

function press(element: HTMLElement | null | undefined): boolean {
  element?.click();
  return Boolean(element);
}

function step(by: number): boolean {
  const posts = [...document.querySelectorAll<HTMLElement>("article.post")];
  const here = current();
  const index = here ? posts.indexOf(here as HTMLElement) + by : posts.findIndex((post) => post.getBoundingClientRect().top >= 0);
  const next = posts[index];
  if (!next) return false;
  next.tabIndex = -1;
  next.focus();
  return true;
}

function find(): boolean {
  const fields = [...document.querySelectorAll<HTMLInputElement>('input[type="search"]')];
  const field = fields.find((one) => one.offsetParent !== null);
  if (field) field.focus();
  else location.href = "/search";
  return true;
}

/** The table of shortcuts on the about page, shown as a dialog. */
async function help(): Promise<void> {
  const known = document.getElementById("keys-dialog") as HTMLDialogElement | null;
  if (known) return known.showModal();
  try {
    const answer = await fetch("/about", { headers: { Accept: "text/html" } });
    const keysPart = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("keys");
    if (!keysPart) throw new Error("no table of keys");
    const dialog = document.createElement("dialog");
    dialog.id = "keys-dialog";
    dialog.setAttribute("aria-labelledby", "keys-title");
    const close = keysPart.querySelector("form");
    if (close) close.hidden = false;
    dialog.append(...keysPart.childNodes);
    document.body.append(dialog);
    dialog.showModal();
  } catch {
    location.href = "/about#keys";
  }
}
