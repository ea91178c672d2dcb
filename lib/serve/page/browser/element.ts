/** The element of the page with this id. */
export function element<Name extends keyof HTMLElementTagNameMap>(name: Name, id: string): HTMLElementTagNameMap[Name] {
  const found = document.getElementById(id);
  if (found?.localName !== name) throw new Error(`the page has no <${name} id="${id}">`);
  return found as HTMLElementTagNameMap[Name];
}

/** A new element with text in it. */
export function create<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  { className, text }: { readonly className?: string; readonly text?: string } = {},
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  if (className !== undefined) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
