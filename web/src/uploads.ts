// Pictures go up while the reader writes; each shows a preview with its description field below it.

import { say } from "./texts";

const DESCRIPTION_LIMIT = 1500;

export function uploads(form: HTMLFormElement): void {
  const plain = form.querySelector<HTMLFieldSetElement>("fieldset[data-plain]");
  const list = form.querySelector<HTMLElement>("[data-uploads]");
  const input = form.querySelector<HTMLInputElement>("input[data-pick]");
  if (!plain || !list || !input) return;
  plain.hidden = plain.disabled = true;
  list.hidden = false;
  const pick = input.closest<HTMLElement>("[hidden]");
  if (pick) pick.hidden = false;
  const limit = Number(list.dataset["limit"] ?? 4);
  const take = (files: Iterable<File>) => {
    for (const file of files) {
      if (list.querySelectorAll(".upload").length >= limit) break;
      add(form, list, file);
    }
  };
  input.addEventListener("change", () => {
    take(input.files ?? []);
    input.value = "";
  });
  form.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) {
      event.preventDefault();
      take(files);
    }
  });
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  list.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest("button[data-remove]");
    if (!button) return;
    button.closest(".upload")?.remove();
    input.focus();
  });
  form.addEventListener("submit", (event) => hold(event, form, list), true);
}

function add(form: HTMLFormElement, list: HTMLElement, file: File): void {
  const box = document.createElement("div");
  box.className = "upload";
  if (file.type.startsWith("image/")) {
    const image = new Image();
    image.alt = "";
    image.src = URL.createObjectURL(file);
    image.onload = () => URL.revokeObjectURL(image.src);
    box.append(image);
  }
  const name = document.createElement("p");
  name.className = "small";
  name.textContent = file.name;
  const label = document.createElement("label");
  label.className = "field";
  label.append(say("describe"));
  const text = document.createElement("textarea");
  text.maxLength = DESCRIPTION_LIMIT;
  text.rows = 2;
  label.append(text);
  const row = document.createElement("div");
  row.className = "row";
  const state = document.createElement("span");
  state.className = "grow small";
  state.setAttribute("role", "status");
  const remove = button(say("remove"));
  remove.dataset["remove"] = "";
  row.append(state, remove);
  box.append(name, label, row);
  list.append(box);
  transfer(form, box, file, text, state, row);
}

function button(label: string): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-s";
  made.textContent = label;
  return made;
}

function transfer(form: HTMLFormElement, box: HTMLElement, file: File, text: HTMLTextAreaElement, state: HTMLElement, row: HTMLElement): void {
  box.dataset["busy"] = "1";
  const data = new FormData();
  data.set("file", file);
  data.set("token", (form.elements.namedItem("token") as HTMLInputElement).value);
  const request = new XMLHttpRequest();
  request.open("POST", "/publish/media");
  request.setRequestHeader("Accept", "application/json");
  request.upload.onprogress = (event) => {
    if (event.lengthComputable) state.textContent = say("uploading", { n: Math.round((event.loaded / event.total) * 100) });
  };
  request.onloadend = () => {
    delete box.dataset["busy"];
    const answer = parse(request.responseText);
    if (request.status === 200 && answer.id) {
      state.textContent = "";
      const hidden = document.createElement("input");
      hidden.type = "hidden";
      hidden.name = "media_ids[]";
      hidden.value = answer.id;
      text.name = `description_${answer.id}`;
      box.append(hidden);
      form.dispatchEvent(new Event("uploaded"));
    } else {
      state.textContent = answer.error ?? say("unreachable");
      const again = button(say("retry"));
      again.onclick = () => {
        again.remove();
        transfer(form, box, file, text, state, row);
      };
      row.prepend(again);
    }
  };
  request.send(data);
}

function parse(text: string): { id?: string; error?: string } {
  try {
    return JSON.parse(text) as { id?: string; error?: string };
  } catch {
    return {};
  }
}

/** "Post" waits for uploads, and asks once about missing descriptions. */
function hold(event: SubmitEvent, form: HTMLFormElement, list: HTMLElement): void {
  const submitter = event.submitter;
  if (list.querySelector("[data-busy]")) {
    stop(event);
    submitter?.setAttribute("aria-busy", "true");
    form.addEventListener("uploaded", () => list.querySelector("[data-busy]") || form.requestSubmit(), { once: true });
    return;
  }
  const bare = [...list.querySelectorAll<HTMLTextAreaElement>("textarea")].filter((one) => !one.value.trim());
  const first = bare[0];
  if (!first || form.dataset["asked"]) return;
  stop(event);
  form.dataset["asked"] = "1";
  const dialog = document.createElement("dialog");
  const question = document.createElement("p");
  question.id = "bare-question";
  question.textContent = bare.length === 1 ? say("bare1") : say("bareN", { n: bare.length });
  dialog.setAttribute("aria-labelledby", question.id);
  const row = document.createElement("div");
  row.className = "row row-end";
  const describe = button(say("add"));
  describe.onclick = () => {
    dialog.remove();
    first.focus();
  };
  const anyway = button(say("anyway"));
  anyway.onclick = () => {
    dialog.remove();
    form.requestSubmit();
  };
  dialog.oncancel = () => dialog.remove();
  row.append(describe, anyway);
  dialog.append(question, row);
  document.body.append(dialog);
  dialog.showModal();
}

function stop(event: Event): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}
