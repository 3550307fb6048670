// What happens while the page is open. Events carry ids and counts; the page asks its own address for posts.
// One connection per browser: the tab that holds the lock listens and tells the others.

import { came, changed } from "./changed";
import { say } from "./texts";
import { toast } from "./toasts";

const KINDS = ["home", "notifications", "deleted", "changed", "opened"] as const;

interface News {
  kind: (typeof KINDS)[number];
  id?: string;
  count?: number;
  page?: string;
}

const HIDDEN_MS = 300_000;
const ASK_MS = 60_000;
let source: EventSource | null = null;
let failures = 0;
let asking = 0;
const fresh = new Set<string>();
const channel = "BroadcastChannel" in window ? new BroadcastChannel("live") : null;

export function live(): void {
  if (!document.body.dataset["live"] || !("EventSource" in window)) return;
  channel?.addEventListener("message", (event) => take(event.data as News));
  if (navigator.locks) void navigator.locks.request("live", () => new Promise<void>(() => listenWhileSeen()));
  else listenWhileSeen();
}

function listenWhileSeen(): void {
  let timer = 0;
  const change = () => {
    clearTimeout(timer);
    if (document.hidden) timer = window.setTimeout(stop, HIDDEN_MS);
    else listen();
  };
  document.addEventListener("visibilitychange", change);
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", change);
  change();
}

function listen(): void {
  if (source || asking) return;
  source = new EventSource("/live");
  source.onopen = () => (failures = 0);
  source.onerror = () => {
    failures += 1;
    if (failures >= 3) askInstead();
  };
  for (const kind of KINDS) {
    source.addEventListener(kind, (event) => {
      const news: News = { kind, ...JSON.parse((event as MessageEvent<string>).data) };
      take(news);
      channel?.postMessage(news);
    });
  }
}

function stop(): void {
  source?.close();
  source = null;
  clearInterval(asking);
  asking = 0;
}

function askInstead(): void {
  stop();
  asking = window.setInterval(async () => {
    try {
      const answer = await fetch("/live/counts");
      if (answer.ok) take({ kind: "notifications", ...(await answer.json()) });
    } catch {
      // Asked again in a minute.
    }
  }, ASK_MS);
}

function take(news: News): void {
  if (news.kind === "notifications") badge(news.count ?? 0);
  else if (news.kind === "deleted") gone(news.id ?? "");
  else if (news.kind === "changed") changed(news.id ?? "");
  else if (news.kind === "opened") came(news.page ?? "", news.id ?? "", news.count ?? 0);
  else if (news.id && !document.getElementById(`s-${news.id}`)) {
    fresh.add(news.id);
    pill();
  }
}

function badge(count: number): void {
  for (const link of document.querySelectorAll('a[href="/notifications"][data-badge]')) {
    link.querySelector(".dot")?.remove();
    if (!count) continue;
    const dot = document.createElement("span");
    dot.className = "dot num";
    dot.textContent = count > 99 ? "99+" : String(count);
    link.append(dot);
  }
}

function gone(id: string): void {
  fresh.delete(id);
  const post = document.getElementById(`s-${id}`);
  if (post && !post.contains(document.activeElement)) post.remove();
}

function pill(): void {
  const box = document.querySelector<HTMLElement>("[data-news]");
  const link = box?.querySelector("a");
  if (!box || !link) return;
  link.textContent = fresh.size === 1 ? say("new1") : say("newN", { n: fresh.size });
  if (!box.hidden) return;
  box.hidden = false;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    void show(box);
  });
}

/** Put the new posts above; what the reader looks at keeps its place on the screen. */
async function show(box: HTMLElement): Promise<void> {
  const list = document.querySelector("ol.posts");
  const first = list?.querySelector<HTMLElement>(":scope > li[id]");
  if (!list || !first) return location.reload();
  try {
    const answer = await fetch(`${location.pathname}?min_id=${first.dataset["at"] ?? ""}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    const items = [...holder.content.querySelectorAll<HTMLElement>("li[id]:not(#more)")].filter((item) => !document.getElementById(item.id));
    const atTop = scrollY < 120;
    const offset = first.getBoundingClientRect().top;
    list.prepend(...items);
    if (!atTop) scrollBy(0, first.getBoundingClientRect().top - offset);
    box.hidden = true;
    fresh.clear();
    const article = items[0]?.querySelector<HTMLElement>("article");
    if (atTop && article) {
      article.tabIndex = -1;
      article.focus();
    }
    toast(items.length === 1 ? say("came1") : say("cameN", { n: items.length }));
    document.dispatchEvent(new Event("htmx:after:swap"));
  } catch {
    toast(say("unreachable"), true);
  }
}
