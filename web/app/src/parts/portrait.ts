import { h } from '../dom.ts';
import { hueOf, initials } from '../format.ts';

/** Stands where a picture is missing: the name's initials on the name's own colours. */
export function portrait(channel: string, name: string, kind: 'picture' | 'avatar'): HTMLElement {
  const element = h('div', { class: `portrait portrait-${kind}`, 'aria-hidden': 'true' }, h('span', {}, initials(name === '' ? channel : name)));
  element.style.setProperty('--hue', String(hueOf(channel)));
  return element;
}
