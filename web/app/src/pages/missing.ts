import { h } from '../dom.ts';
import type { PageContext } from '../router.ts';

export function missingPage({ setTitle }: PageContext): HTMLElement {
  setTitle('Not found');
  return h('section', { class: 'page page-narrow centred' },
    h('h1', {}, 'There is nothing here'),
    h('p', { class: 'muted' }, 'The address may be mistyped, or the page has moved.'),
    h('a', { href: '/', class: 'button' }, 'See who is live'));
}
