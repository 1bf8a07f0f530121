import { h } from '../dom.ts';

/** One figure with its name. */
export function tile(label: string, testid?: string): { readonly element: HTMLElement; readonly value: HTMLElement } {
  const value = h('span', { class: 'tile-value tabular', testid }, '–');
  return { element: h('div', { class: 'tile' }, h('span', { class: 'tile-label' }, label), value), value };
}
