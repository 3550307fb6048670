// What changed while the page is open is put in place of what was there. What the reader looks at does not jump,
// and what they are just using stays as it is.

import { say } from "./texts";

const GATHER_MS = 400;
const MOST = 40;
const waiting = new Set<string>();
let timer = 0;
let arrived = 0;

/** A post changed. */
export function changed(id: string): void {
  if (!/^\d+$/.test(id) || !places(id).length) return;
  waiting.add(id);
  timer ||= window.setTimeout(() => void load(), GATHER_MS);
}

/** Posts came to the thread or profile that is open, or the profile itself changed. */
export function came(page: string, id: string, count: number): void {
  const box = document.querySelector<HTMLElement>(`[data-came="${CSS.escape(`${page}-${id}`)}"]`);
  if (!box) return;
  if (page === "profile") void head();
  const link = box.querySelector("a");
  if (!link || !count) return;
  arrived += count;
  link.textContent = arrived === 1 ? say("more1") : say("moreN", { n: arrived });
  if (!box.hidden) return;
  box.hidden = false;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    if (page === "thread") void around();
    else location.reload();
  });
}

/** Where a post stands on this page: by itself, pinned, opened, or in a boost. */
function places(id: string): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(`[id="s-${id}"], [id="p-${id}"], li[data-of="${id}"]`)];
}

async function load(): Promise<void> {
  timer = 0;
  const asked = new URLSearchParams();
  for (const id of waiting) {
    for (const place of places(id)) {
      if (place.classList.contains("opened")) asked.set("opened", id);
      else if (asked.size < MOST) asked.append("ids[]", place.id.slice(2));
    }
  }
  waiting.clear();
  if (!asked.size) return;
  try {
    const answer = await fetch(`/live/posts?${asked}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    for (const fresh of holder.content.querySelectorAll<HTMLElement>("article.post")) put(fresh);
    document.dispatchEvent(new Event("htmx:after:swap"));
  } catch {
    // It is right again when the page is loaded anew.
  }
}

function put(fresh: HTMLElement): void {
  if (fresh.classList.contains("opened")) {
    const old = document.getElementById(fresh.id);
    if (old?.classList.contains("opened")) replace(old, fresh);
    return;
  }
  const id = fresh.closest("li")?.id.slice(2) ?? "";
  for (const place of document.querySelectorAll(`li[id="s-${id}"], li[id="p-${id}"]`)) {
    const old = place.querySelector<HTMLElement>(":scope > article");
    if (!old) continue;
    const copy = fresh.cloneNode(true) as HTMLElement;
    const pin = place.id.startsWith("p-") ? old.querySelector(":scope > .why") : null;
    if (pin) copy.prepend(pin.cloneNode(true));
    replace(old, copy);
  }
}

function replace(old: HTMLElement, fresh: HTMLElement): void {
  if (old.isEqualNode(fresh) || inUse(old)) return;
  const closed = [...old.querySelectorAll("details")];
  const folds = [...fresh.querySelectorAll("details")];
  if (closed.length === folds.length) folds.forEach((fold, n) => (fold.open = closed[n]?.open ?? false));
  const above = old.getBoundingClientRect();
  old.replaceWith(fresh);
  if (above.bottom <= 0) scrollBy(0, fresh.getBoundingClientRect().height - above.height);
}

function inUse(post: HTMLElement): boolean {
  const playing = [...post.querySelectorAll<HTMLMediaElement>("video, audio")].some((media) => !media.paused);
  return playing || post.contains(document.activeElement);
}

async function page(): Promise<Document | null> {
  try {
    const answer = await fetch(location.href);
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}

/** The head of a profile anew. */
async function head(): Promise<void> {
  const fresh = await page();
  for (const part of [".pane > .cover", ".pane > .who"]) {
    const [old, now] = [document.querySelector<HTMLElement>(part), fresh?.querySelector<HTMLElement>(part)];
    if (old && now && !old.isEqualNode(now) && !inUse(old)) old.replaceWith(now);
  }
}

/** The thread anew; the opened post keeps its place on the screen. */
async function around(): Promise<void> {
  const [pane, fresh] = [document.querySelector(".pane"), (await page())?.querySelector(".pane")];
  const old = document.querySelector(".opened");
  if (!pane || !fresh || !old) return location.reload();
  const offset = old.getBoundingClientRect().top;
  pane.replaceChildren(...fresh.childNodes);
  arrived = 0;
  const opened = document.querySelector<HTMLElement>(".opened");
  if (!opened) return;
  scrollBy(0, opened.getBoundingClientRect().top - offset);
  opened.focus({ preventScroll: true });
  document.dispatchEvent(new Event("htmx:after:swap"));
}
