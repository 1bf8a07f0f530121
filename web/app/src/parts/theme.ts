import { h } from '../dom.ts';
import { store } from '../storage.ts';
import { icon } from './icons.ts';

const dark = matchMedia('(prefers-color-scheme: dark)');

function effective(): 'light' | 'dark' {
  const chosen = document.documentElement.dataset['theme'];
  return chosen === 'light' || chosen === 'dark' ? chosen : dark.matches ? 'dark' : 'light';
}

/** Follows the system until pressed. */
export function themeToggle(): HTMLElement {
  const button = h('button', { type: 'button', class: 'icon-button', testid: 'theme-toggle' });
  const show = (): void => {
    const other = effective() === 'dark' ? 'light' : 'dark';
    button.setAttribute('aria-label', `Use the ${other} theme`);
    button.title = `Use the ${other} theme`;
    button.replaceChildren(icon(other === 'light' ? 'sun' : 'moon'));
  };
  button.addEventListener('click', () => {
    const theme = effective() === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset['theme'] = theme;
    store('sluice.theme', theme);
    show();
  });
  dark.addEventListener('change', show);
  show();
  return button;
}
