// Date fields in the reader's own time zone: the server is told how far its clock is from UTC at that date.

export function zones(root: ParentNode): void {
  for (const zone of root.querySelectorAll<HTMLInputElement>("[data-zone]")) {
    const field = zone.parentElement?.querySelector<HTMLInputElement>("input[type=datetime-local]");
    if (!field) continue;
    if (field.value && field.dataset["utc"]) field.value = local(new Date(field.dataset["utc"]));
    const tell = () => {
      zone.value = String((field.value ? new Date(field.value) : new Date()).getTimezoneOffset());
    };
    field.addEventListener("change", tell);
    field.form?.addEventListener("submit", tell);
    tell();
    zone.parentElement?.querySelector("[data-utc]:not(input)")?.remove();
  }
}

function local(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
