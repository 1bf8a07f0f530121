export type Child = Node | string | number | null | undefined | false;

type Listeners = { readonly [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void };

export interface Attributes {
  readonly class?: string | undefined;
  /** A stable hook for tests. */
  readonly testid?: string | undefined;
  readonly on?: Listeners | undefined;
  readonly [attribute: string]: string | number | boolean | Listeners | undefined;
}

/** Builds an element. Text is set as text, so no name or title can ever become markup. */
export function h<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'on') {
      for (const [type, listener] of Object.entries(value as Listeners)) {
        element.addEventListener(type, listener as EventListener);
      }
    } else if (typeof value === 'string' || typeof value === 'number') {
      element.setAttribute(name === 'testid' ? 'data-testid' : name, String(value));
    } else if (value === true) {
      element.setAttribute(name, '');
    }
  }
  add(element, children);
  return element;
}

export function add(parent: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) {
      parent.append(child instanceof Node ? child : String(child));
    }
  }
}

/** Sets text only where it changed, so that a screen reader's cursor and a selection stay. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

const svgNamespace = 'http://www.w3.org/2000/svg';

export function svg(tag: string, attributes: Readonly<Record<string, string>>, ...children: readonly SVGElement[]): SVGElement {
  const element = document.createElementNS(svgNamespace, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}
