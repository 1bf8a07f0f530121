import { h } from '../dom.ts';
import { icon, logo } from './icons.ts';
import { themeToggle } from './theme.ts';

export interface Shell {
  readonly elements: readonly HTMLElement[];
  readonly setCurrent: (path: string) => void;
}

/** The frame around every page. */
export function shell(outlet: HTMLElement): Shell {
  const home = h('a', { href: '/', class: 'nav-link' }, 'Live');
  const broadcast = h('a', { href: '/broadcast', class: 'button button-small' }, icon('broadcast'), h('span', {}, 'Broadcast'));
  const header = h(
    'header',
    { class: 'top' },
    h('div', { class: 'top-inner' },
      h('a', { href: '/', class: 'wordmark', 'aria-label': 'Sluice, home' }, logo(), h('span', {}, 'Sluice')),
      h('nav', { class: 'nav', 'aria-label': 'Main' }, home),
      themeToggle(),
      broadcast),
  );
  return {
    elements: [header, outlet],
    setCurrent: (path) => {
      document.body.dataset['page'] = path === '/' ? 'home' : (path.split('/')[1] ?? '');
      for (const link of [home, broadcast]) {
        if (link.pathname === path) {
          link.setAttribute('aria-current', 'page');
        } else {
          link.removeAttribute('aria-current');
        }
      }
    },
  };
}
